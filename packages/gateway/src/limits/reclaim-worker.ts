// Takes back what a dead worker held. Called by the main thread once the worker is gone for certain.
import { repairRate, reserveBudget, readBudget } from "@flyball/traffic";
import {
  counterAt,
  MAX_COUNTERS,
  MAX_RESERVATIONS,
  reservationAt,
  type CounterKind,
  type LimitMemory,
} from "./limit-layout.ts";
import { openLock, seizeLock, takeLock } from "./limit-lock.ts";
import { heldDemands, settleReservation } from "./limit-table.ts";

/** What the repair must know of each counter. */
export type CounterKinds = ReadonlyMap<number, CounterKind>;

/**
 * Settles every reservation of the worker at what it had reserved: its calls ended with it, and what they used is not known better.
 * When it died inside the lock, sums that it left half-written are made anew. Returns how many calls were lost.
 */
export function reclaimWorker(
  memory: LimitMemory,
  options: { readonly dead: number; readonly holder: number; readonly workers: number; readonly kinds: CounterKinds },
  now: number,
): number {
  const { dead, holder, workers, kinds } = options;
  const wasInside = seizeLock(memory, dead, holder);
  if (!wasInside) takeLock(memory, holder);
  let lost = 0;
  for (let reservation = 0; reservation < MAX_RESERVATIONS; reservation += 1) {
    const at = reservationAt(dead, reservation);
    if (memory.cells[at] === 0) continue;
    settleReservation(memory, at, undefined, now);
    lost += 1;
  }
  if (wasInside) repairSums(memory, workers, kinds);
  openLock(memory);
  return lost;
}

/** Totals from their parts: windows from their steps, reserved money and requests at once from the rows of all workers. */
function repairSums(memory: LimitMemory, workers: number, kinds: CounterKinds): void {
  const held = new Float64Array(MAX_COUNTERS);
  for (let worker = 0; worker < workers; worker += 1) {
    for (let reservation = 0; reservation < MAX_RESERVATIONS; reservation += 1) {
      for (const { counter, reserved } of heldDemands(memory, reservationAt(worker, reservation))) {
        held[counter.index] = (held[counter.index] as number) + reserved;
      }
    }
  }
  for (const [index, kind] of kinds) {
    const place = { cells: memory.cells, at: counterAt(index) + 1 };
    const sum = held[index] as number;
    if (kind === "rate") repairRate(place);
    else if (kind === "concurrency") memory.cells[place.at + 1] = sum;
    else reserveBudget(place, sum - readBudget(place).reserved);
  }
}
