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
import { AT_HAND, GIVEN_BACK, isDry, mayGiveBack, RETRY_AT } from "./lease/lease-cells.ts";
import { askForLease, isAtHand, isKnownSpent, isLow, takeFromLease, type AskedLease } from "./lease/take-lease.ts";
import {
  counterAt,
  DEMAND_CELLS,
  leaseAt,
  LEASED_UNTIL,
  MAX_DEMANDS,
  MAX_RESERVATIONS,
  reservationAt,
  type CounterKind,
  type CounterRef,
  type LimitMemory,
} from "./limit-layout.ts";
import { openLock, takeLock } from "./limit-lock.ts";
import type { ExtendOutcome, ReserveOutcome, ShortOutcome } from "./limit-outcome.ts";

const EXTENDED: ExtendOutcome = { kind: "extended" };
const SPENT: ExtendOutcome = { kind: "spent" };

/** What a call wants of one counter: requests, tokens, or micro-units. */
export interface Demand {
  readonly counter: CounterRef;
  readonly amount: number;
}

/** The limits as one worker uses them. Times are wall milliseconds. */
export interface LimitTable {
  /** Counts every demand or none. */
  reserve(demands: readonly Demand[], now: number): ReserveOutcome;
  /** Raises one demand of a reservation, in the middle of a stream. */
  extend(reservation: number, demand: number, amount: number, now: number): ExtendOutcome;
  /**
   * Ends a reservation with what was used of each demand, in the order of its demands. Concurrency is given back whatever is said.
   * To be called exactly once.
   */
  settle(reservation: number, used: readonly number[], now: number): void;
  /** Reservations that are held. */
  readonly held: number;
}

/** What a client is told to wait at least when a store has no room. */
const SHORTEST_RETRY_MS = 1_000;

const CODES: readonly CounterKind[] = ["rate", "concurrency", "budget"];

/** Offsets of one demand inside a reservation. */
const CODE = 0;
const COUNTER = 1;
const AMOUNT = 2;
const STEP = 3;
const GENERATION = 4;
/** The step in which it was counted first: what was reported of it to a store counts there since. */
const FIRST_STEP = 5;

/** Opens the table for a worker whose row is empty; `onLow` is called when the main thread should ask the store for more. */
export function openLimitTable(memory: LimitMemory, worker: number, onLow: () => void = () => undefined): LimitTable {
  const free = Array.from({ length: MAX_RESERVATIONS }, (_, index) => MAX_RESERVATIONS - 1 - index);
  return {
    reserve(demands, now) {
      const reservation = free.pop();
      if (reservation === undefined || demands.length > MAX_DEMANDS) return { kind: "full" };
      takeLock(memory, worker);
      const refusal = judge(memory, demands, now);
      if (refusal) {
        const asked = refusal.kind === "short" ? askForUnfit(memory, demands, now) : [];
        openLock(memory);
        free.push(reservation);
        if (asked.some(({ isToTell }) => isToTell)) onLow();
        return refusal.kind === "short" ? { ...refusal, asked } : refusal;
      }
      const at = reservationAt(worker, reservation);
      let isToTell = false;
      for (let index = 0; index < demands.length; index += 1) {
        if (count(memory, at + 1 + index * DEMAND_CELLS, demands[index] as Demand, now)) isToTell = true;
      }
      memory.cells[at] = demands.length;
      openLock(memory);
      if (isToTell) onLow();
      return { kind: "reserved", reservation };
    },
    extend(reservation, demand, amount, now) {
      takeLock(memory, worker);
      const demandAt = reservationAt(worker, reservation) + 1 + demand * DEMAND_CELLS;
      const outcome = raise(memory, demandAt, amount, now);
      const isToTell =
        outcome.kind === "short"
          ? outcome.asked.isToTell
          : isLow(memory, readDemand(memory, demandAt).counter.index, amount);
      openLock(memory);
      if (isToTell) onLow();
      return outcome;
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
  // Read one by one: this runs for every limit of every call.
  const kind = CODES[cells[demandAt + CODE] as number] as CounterKind;
  const index = cells[demandAt + COUNTER] as number;
  const reserved = cells[demandAt + AMOUNT] as number;
  const place = placeAt(cells, index, cells[demandAt + GENERATION] as number);
  if (!place) return;
  const lease = leaseAt(index);
  switch (kind) {
    case "rate": {
      const change = used - reserved;
      if (change === 0) return;
      correctRate(place, cells[demandAt + STEP] as number, change, now);
      if (cells[lease + AT_HAND] === Number.POSITIVE_INFINITY) return;
      if (change > 0) move(cells, lease + AT_HAND, -change);
      else if (mayGiveBack(place, cells[demandAt + FIRST_STEP] as number, now)) {
        move(cells, lease + GIVEN_BACK, -change);
      }
      return;
    }
    case "concurrency":
      cells[place.at + 1] = Math.max(0, (cells[place.at + 1] as number) - reserved);
      move(cells, lease + AT_HAND, reserved);
      return;
    case "budget":
      reserveBudget(place, -reserved);
      spendBudget(place, used);
      move(cells, lease + AT_HAND, reserved - used);
      return;
    default:
      kind satisfies never;
  }
}

function fits(memory: LimitMemory, { counter, amount }: Demand, now: number): boolean {
  const place = placeOf(memory, counter);
  // A counter that belongs to another subject by now limits nothing: its own subject is gone.
  if (!place) return true;
  return isAtHand(memory, counter.index, amount, now) && fitsHere(place, counter.kind, amount, now);
}

/** Whether the limit itself has room, whatever of it is leased. */
function fitsHere(place: WindowPlace, kind: CounterKind, amount: number, now: number): boolean {
  switch (kind) {
    case "rate":
      return fitsRate(place, amount, now);
    case "concurrency":
      return (place.cells[place.at + 1] as number) + amount <= (place.cells[place.at] as number);
    case "budget":
      return fitsBudget(place, amount);
    default:
      return kind satisfies never;
  }
}

/** Why the demands cannot be counted; a limit that is known to be spent comes before one whose lease is short. undefined: they can. */
function judge(
  memory: LimitMemory,
  demands: readonly Demand[],
  now: number,
): Extract<ReserveOutcome, { kind: "refused" }> | Omit<ShortOutcome, "asked"> | undefined {
  const { cells } = memory;
  let short: Omit<ShortOutcome, "asked"> | undefined;
  for (let index = 0; index < demands.length; index += 1) {
    const demand = demands[index] as Demand;
    if (fits(memory, demand, now)) continue;
    const place = placeOf(memory, demand.counter);
    if (!place || !fitsHere(place, demand.counter.kind, demand.amount, now)) {
      return { kind: "refused", demand: index, retryAfterMs: untilFits(memory, demand, now), isStoreAway: false };
    }
    const retryAfterMs = Math.max(SHORTEST_RETRY_MS, untilLeased(place, demand.counter, cells, now));
    if (isDry(cells, leaseAt(demand.counter.index), now)) {
      const isStoreAway = cells[LEASED_UNTIL] === 0;
      return {
        kind: "refused",
        demand: index,
        retryAfterMs: isStoreAway ? SHORTEST_RETRY_MS : retryAfterMs,
        isStoreAway,
      };
    }
    short ??= { kind: "short", demand: index, retryAfterMs };
  }
  return short;
}

/** Asks for every lease that is short, so that one round of the store is enough. */
function askForUnfit(memory: LimitMemory, demands: readonly Demand[], now: number): AskedLease[] {
  const asked: AskedLease[] = [];
  for (const demand of demands) {
    if (!fits(memory, demand, now)) asked.push(askForLease(memory, demand.counter.index, demand.amount));
  }
  return asked;
}

/** When the store said that there may be room again; of a budget, when its period ends. */
function untilLeased(place: WindowPlace, { kind, index }: CounterRef, cells: Float64Array, now: number): number {
  const retryAt = cells[leaseAt(index) + RETRY_AT] as number;
  return kind === "budget" && retryAt > now ? readBudget(place).periodEnd - now : retryAt - now;
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

/** Counts one demand and writes it into its row; whether so little is left at hand now that the store should be asked. */
function count(memory: LimitMemory, demandAt: number, { counter, amount }: Demand, now: number): boolean {
  const { cells } = memory;
  const place = placeOf(memory, counter);
  const counted = place ? amount : 0;
  cells[demandAt + CODE] = CODES.indexOf(counter.kind);
  cells[demandAt + COUNTER] = counter.index;
  cells[demandAt + GENERATION] = counter.generation;
  cells[demandAt + AMOUNT] = counted;
  const step = place ? add(place, counter.kind, counted, now) : 0;
  cells[demandAt + STEP] = step;
  cells[demandAt + FIRST_STEP] = step;
  if (!place) return false;
  return takeFromLease(memory, counter.index, counted);
}

function raise(memory: LimitMemory, demandAt: number, amount: number, now: number): ExtendOutcome {
  const { cells } = memory;
  const { counter, reserved } = readDemand(memory, demandAt);
  const place = placeOf(memory, counter);
  if (!place) return EXTENDED;
  if (!fits(memory, { counter, amount }, now)) {
    if (!fitsHere(place, counter.kind, amount, now) || isKnownSpent(memory, counter.index, now)) return SPENT;
    return { kind: "short", asked: askForLease(memory, counter.index, amount) };
  }
  if (counter.kind === "rate") {
    // The whole reservation moves to the newest step, so that a settlement can give any part of it back.
    correctRate(place, cells[demandAt + STEP] as number, -reserved, now);
    cells[demandAt + STEP] = addToRate(place, reserved + amount, now);
  } else add(place, counter.kind, amount, now);
  cells[demandAt + AMOUNT] = reserved + amount;
  move(cells, leaseAt(counter.index) + AT_HAND, -amount);
  return EXTENDED;
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

function move(cells: Float64Array, at: number, change: number): void {
  cells[at] = (cells[at] as number) + change;
}

function placeOf({ cells }: LimitMemory, { index, generation }: CounterRef): WindowPlace | undefined {
  return placeAt(cells, index, generation);
}

function placeAt(cells: Float64Array, index: number, generation: number): WindowPlace | undefined {
  const at = counterAt(index);
  return cells[at] === generation ? { cells, at: at + 1 } : undefined;
}
