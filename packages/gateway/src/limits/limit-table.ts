// Reserves, extends and settles what calls may use, exactly over all workers: all counters of a call or none, under one lock.
import {
  addToRate,
  correctRate,
  fitsBudget,
  fitsRate,
  msUntilFits,
  readBudget,
  reserveBudget,
  spendBudget,
  type WindowPlace,
} from "@flyball/traffic";
import {
  counterAt,
  DEMAND_CELLS,
  MAX_DEMANDS,
  MAX_RESERVATIONS,
  reservationAt,
  type CounterKind,
  type CounterRef,
  type LimitMemory,
} from "./limit-layout.ts";
import { openLock, takeLock } from "./limit-lock.ts";

/** What a call wants of one counter: requests, tokens, or micro-units. */
export interface Demand {
  readonly counter: CounterRef;
  readonly amount: number;
}

/** What became of it. */
export type ReserveOutcome =
  | { readonly kind: "reserved"; readonly reservation: number }
  /** `demand` is the index of the first that does not fit; `retryAfterMs` is Infinity when waiting does not help. */
  | { readonly kind: "refused"; readonly demand: number; readonly retryAfterMs: number }
  /** This worker holds as many reservations as it can. */
  | { readonly kind: "full" };

/** The limits as one worker uses them. Times are wall milliseconds. */
export interface LimitTable {
  /** Counts every demand or none. */
  reserve(demands: readonly Demand[], now: number): ReserveOutcome;
  /** Raises one demand of a reservation, in the middle of a stream; false when it does not fit. */
  extend(reservation: number, demand: number, amount: number, now: number): boolean;
  /**
   * Ends a reservation with what was used of each demand, in the order of its demands. Concurrency is given back whatever is said.
   * To be called exactly once.
   */
  settle(reservation: number, used: readonly number[], now: number): void;
  /** Reservations that are held. */
  readonly held: number;
}

const CODES: readonly CounterKind[] = ["rate", "concurrency", "budget"];

/** Offsets of one demand inside a reservation. */
const CODE = 0;
const COUNTER = 1;
const AMOUNT = 2;
const STEP = 3;
const GENERATION = 4;

/** Opens the table for a worker whose row is empty. */
export function openLimitTable(memory: LimitMemory, worker: number): LimitTable {
  const free = Array.from({ length: MAX_RESERVATIONS }, (_, index) => MAX_RESERVATIONS - 1 - index);
  return {
    reserve(demands, now) {
      const reservation = free.pop();
      if (reservation === undefined || demands.length > MAX_DEMANDS) return { kind: "full" };
      takeLock(memory, worker);
      const unfit = demands.findIndex((demand) => !fits(memory, demand, now));
      if (unfit >= 0) {
        const retryAfterMs = untilFits(memory, demands[unfit] as Demand, now);
        openLock(memory);
        free.push(reservation);
        return { kind: "refused", demand: unfit, retryAfterMs };
      }
      const at = reservationAt(worker, reservation);
      for (const [index, demand] of demands.entries()) count(memory, at + 1 + index * DEMAND_CELLS, demand, now);
      memory.cells[at] = demands.length;
      openLock(memory);
      return { kind: "reserved", reservation };
    },
    extend(reservation, demand, amount, now) {
      takeLock(memory, worker);
      const isGranted = raise(memory, reservationAt(worker, reservation) + 1 + demand * DEMAND_CELLS, amount, now);
      openLock(memory);
      return isGranted;
    },
    settle(reservation, used, now) {
      takeLock(memory, worker);
      settleReservation(memory, reservationAt(worker, reservation), used, now);
      openLock(memory);
      free.push(reservation);
    },
    get held() {
      return MAX_RESERVATIONS - free.length;
    },
  };
}

/** Settles one reservation under the lock; without `used` at what was reserved, which is what is known of a dead worker's calls. */
export function settleReservation(
  memory: LimitMemory,
  at: number,
  used: readonly number[] | undefined,
  now: number,
): void {
  const { cells } = memory;
  const count = cells[at] as number;
  cells[at] = 0;
  for (let index = 0; index < count; index += 1) {
    const demandAt = at + 1 + index * DEMAND_CELLS;
    const reserved = cells[demandAt + AMOUNT] as number;
    settleDemand(memory, demandAt, used?.[index] ?? reserved, now);
  }
}

/** The demands of a reservation that is held; none of a free one. */
export function* heldDemands(memory: LimitMemory, at: number): Generator<{ counter: CounterRef; reserved: number }> {
  const count = memory.cells[at] as number;
  for (let index = 0; index < count; index += 1) {
    const demand = readDemand(memory, at + 1 + index * DEMAND_CELLS);
    if (placeOf(memory, demand.counter)) yield demand;
  }
}

function settleDemand(memory: LimitMemory, demandAt: number, used: number, now: number): void {
  const { cells } = memory;
  const { counter, reserved } = readDemand(memory, demandAt);
  const place = placeOf(memory, counter);
  if (!place) return;
  switch (counter.kind) {
    case "rate":
      if (used !== reserved) correctRate(place, cells[demandAt + STEP] as number, used - reserved, now);
      return;
    case "concurrency":
      cells[place.at + 1] = Math.max(0, (cells[place.at + 1] as number) - reserved);
      return;
    case "budget":
      reserveBudget(place, -reserved);
      spendBudget(place, used);
      return;
    default:
      counter.kind satisfies never;
  }
}

function fits(memory: LimitMemory, { counter, amount }: Demand, now: number): boolean {
  const place = placeOf(memory, counter);
  // A counter that belongs to another subject by now limits nothing: its own subject is gone.
  if (!place) return true;
  switch (counter.kind) {
    case "rate":
      return fitsRate(place, amount, now);
    case "concurrency":
      return (place.cells[place.at + 1] as number) + amount <= (place.cells[place.at] as number);
    case "budget":
      return fitsBudget(place, amount);
    default:
      return counter.kind satisfies never;
  }
}

function untilFits(memory: LimitMemory, { counter, amount }: Demand, now: number): number {
  const place = placeOf(memory, counter);
  if (!place) return 0;
  if (counter.kind === "rate") return msUntilFits(place, amount, now);
  if (counter.kind === "concurrency")
    return amount > (place.cells[place.at] as number) ? Number.POSITIVE_INFINITY : 1_000;
  const { limit, periodEnd } = readBudget(place);
  return amount > limit ? Number.POSITIVE_INFINITY : Math.max(1, periodEnd - now);
}

/** Counts one demand and writes it into its row. */
function count(memory: LimitMemory, demandAt: number, { counter, amount }: Demand, now: number): void {
  const { cells } = memory;
  const place = placeOf(memory, counter);
  const counted = place ? amount : 0;
  cells[demandAt + CODE] = CODES.indexOf(counter.kind);
  cells[demandAt + COUNTER] = counter.index;
  cells[demandAt + GENERATION] = counter.generation;
  cells[demandAt + AMOUNT] = counted;
  cells[demandAt + STEP] = place ? add(place, counter.kind, counted, now) : 0;
}

function raise(memory: LimitMemory, demandAt: number, amount: number, now: number): boolean {
  const { cells } = memory;
  const { counter, reserved } = readDemand(memory, demandAt);
  const place = placeOf(memory, counter);
  if (!place) return true;
  if (!fits(memory, { counter, amount }, now)) return false;
  if (counter.kind === "rate") {
    // The whole reservation moves to the newest step, so that a settlement can give any part of it back.
    correctRate(place, cells[demandAt + STEP] as number, -reserved, now);
    cells[demandAt + STEP] = addToRate(place, reserved + amount, now);
  } else add(place, counter.kind, amount, now);
  cells[demandAt + AMOUNT] = reserved + amount;
  return true;
}

function readDemand({ cells }: LimitMemory, at: number): { counter: CounterRef; reserved: number } {
  const kind = CODES[cells[at + CODE] as number] as CounterKind;
  const index = cells[at + COUNTER] as number;
  return {
    counter: { kind, index, generation: cells[at + GENERATION] as number },
    reserved: cells[at + AMOUNT] as number,
  };
}

function add(place: WindowPlace, kind: CounterKind, amount: number, now: number): number {
  if (kind === "rate") return addToRate(place, amount, now);
  if (kind === "budget") reserveBudget(place, amount);
  else place.cells[place.at + 1] = (place.cells[place.at + 1] as number) + amount;
  return 0;
}

function placeOf({ cells }: LimitMemory, { index, generation }: CounterRef): WindowPlace | undefined {
  const at = counterAt(index);
  return cells[at] === generation ? { cells, at: at + 1 } : undefined;
}
