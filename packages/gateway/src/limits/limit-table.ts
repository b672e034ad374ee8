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
  AT_HAND,
  GIVEN_BACK,
  isDry,
  isLapsed,
  LOW_WATER,
  mayGiveBack,
  NEEDED,
  RETRY_AT,
  WAS_RUNG,
} from "./lease/lease-cells.ts";
import {
  counterAt,
  DEMAND_CELLS,
  leaseAt,
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
  /** The limit may have room, but none of it lies at this gateway: the store was asked, and a moment later it may fit. */
  | { readonly kind: "short"; readonly demand: number; readonly retryAfterMs: number }
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
      const unfit = demands.findIndex((demand) => !fits(memory, demand, now));
      if (unfit >= 0) {
        const refusal = refuse(memory, demands[unfit] as Demand, unfit, now);
        openLock(memory);
        free.push(reservation);
        if (refusal.kind === "short") onLow();
        return refusal;
      }
      const at = reservationAt(worker, reservation);
      let isLow = false;
      for (const [index, demand] of demands.entries()) {
        if (count(memory, at + 1 + index * DEMAND_CELLS, demand, now)) isLow = true;
      }
      memory.cells[at] = demands.length;
      openLock(memory);
      if (isLow) onLow();
      return { kind: "reserved", reservation };
    },
    extend(reservation, demand, amount, now) {
      takeLock(memory, worker);
      const demandAt = reservationAt(worker, reservation) + 1 + demand * DEMAND_CELLS;
      const isGranted = raise(memory, demandAt, amount, now);
      const isLow = rings(memory, readDemand(memory, demandAt).counter.index, amount);
      openLock(memory);
      if (isLow) onLow();
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
  const lease = leaseAt(counter.index);
  switch (counter.kind) {
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
      counter.kind satisfies never;
  }
}

function fits(memory: LimitMemory, { counter, amount }: Demand, now: number): boolean {
  const place = placeOf(memory, counter);
  // A counter that belongs to another subject by now limits nothing: its own subject is gone.
  if (!place) return true;
  return isAtHand(memory, counter.index, amount, now) && fitsHere(place, counter.kind, amount, now);
}

/** What costs nothing needs no lease. */
function isAtHand(memory: LimitMemory, counter: number, amount: number, now: number): boolean {
  if (amount === 0) return true;
  const atHand = memory.cells[leaseAt(counter) + AT_HAND] as number;
  return atHand === Number.POSITIVE_INFINITY || (amount <= atHand && !isLapsed(memory, now));
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

function refuse(
  memory: LimitMemory,
  demand: Demand,
  index: number,
  now: number,
): Exclude<ReserveOutcome, { kind: "reserved" | "full" }> {
  const { cells } = memory;
  const place = placeOf(memory, demand.counter);
  if (!place || !fitsHere(place, demand.counter.kind, demand.amount, now)) {
    return { kind: "refused", demand: index, retryAfterMs: untilFits(memory, demand, now) };
  }
  const lease = leaseAt(demand.counter.index);
  const retryAfterMs = Math.max(SHORTEST_RETRY_MS, untilLeased(place, demand.counter, cells, now));
  if (isDry(cells, lease, now)) return { kind: "refused", demand: index, retryAfterMs };
  move(cells, lease + NEEDED, demand.amount);
  return { kind: "short", demand: index, retryAfterMs };
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
  return takeLease(memory, counter.index, counted);
}

/** Takes from a lease; whether it has become low. */
function takeLease(memory: LimitMemory, counter: number, amount: number): boolean {
  const at = leaseAt(counter) + AT_HAND;
  const atHand = memory.cells[at] as number;
  if (atHand === Number.POSITIVE_INFINITY) return false;
  memory.cells[at] = atHand - amount;
  return rings(memory, counter, 0);
}

/** Whether a lease has become low, told once until the main thread has looked. */
function rings({ cells }: LimitMemory, counter: number, next: number): boolean {
  const lease = leaseAt(counter);
  const atHand = cells[lease + AT_HAND] as number;
  if (atHand >= Math.max(cells[lease + LOW_WATER] as number, next) || cells[lease + WAS_RUNG] !== 0) return false;
  cells[lease + WAS_RUNG] = 1;
  if (atHand < next) move(cells, lease + NEEDED, next - atHand);
  return true;
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
  move(cells, leaseAt(counter.index) + AT_HAND, -amount);
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

function move(cells: Float64Array, at: number, change: number): void {
  cells[at] = (cells[at] as number) + change;
}

function placeOf({ cells }: LimitMemory, { index, generation }: CounterRef): WindowPlace | undefined {
  const at = counterAt(index);
  return cells[at] === generation ? { cells, at: at + 1 } : undefined;
}
