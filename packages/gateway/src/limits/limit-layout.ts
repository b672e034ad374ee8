// How limits stand in one SharedArrayBuffer: a lock, a counter for each limit of each subject, and for each worker a row of the
// reservations that it holds. A row is written before its counters, so what a dead worker held can be taken back.
import { BUDGET_WINDOW_CELLS, RATE_WINDOW_CELLS } from "@flyball/traffic";

/** Limits at once, over all subjects. A snapshot with more is refused. */
export const MAX_COUNTERS = 16_384;
/** Reservations that one worker holds at once; further calls are refused as saturated. */
export const MAX_RESERVATIONS = 4_096;
/** Counters that one call may touch: key, tenant, model and backend with a few limits each. */
export const MAX_DEMANDS = 16;

const HEADER_CELLS = 8;
/** Wall milliseconds until which what is leased from a store may be used; 0: nothing is leased. */
export const LEASED_UNTIL = 1;
/** Where a counter's lease begins, behind its generation and its numbers. */
const LEASE_OFFSET = 1 + Math.max(RATE_WINDOW_CELLS, BUDGET_WINDOW_CELLS);
/** Numbers of a lease: see `lease/lease-cells.ts`. */
const LEASE_CELLS = 11;
const COUNTER_STRIDE = LEASE_OFFSET + LEASE_CELLS;
/** Numbers of one demand of a reservation. */
export const DEMAND_CELLS = 6;
/** How many demands there are (0: free), then the demands. */
const RESERVATION_STRIDE = 1 + MAX_DEMANDS * DEMAND_CELLS;
/** Behind a worker's reservations: see `sign-of-life.ts`. */
const LIFE_CELLS = 3;
const ROW_STRIDE = MAX_RESERVATIONS * RESERVATION_STRIDE + LIFE_CELLS;

/** What a counter counts. */
export type CounterKind = "rate" | "concurrency" | "budget";

/** Names one counter; a counter given to another subject has another generation. */
export interface CounterRef {
  readonly kind: CounterKind;
  readonly index: number;
  readonly generation: number;
}

/** The views of one buffer. */
export interface LimitMemory {
  readonly buffer: SharedArrayBuffer;
  /** One word: 0, or the holder's index plus one. */
  readonly lock: Int32Array;
  readonly cells: Float64Array;
  /** Of the main thread: asked each millisecond that the lock is waited for, with the index of who holds it. */
  readonly onHeldUp?: (holder: number) => void;
}

/** Bytes for a number of workers. Pages that no limit uses stay untouched. */
export function limitMemoryBytes(workers: number): number {
  const cells = HEADER_CELLS + MAX_COUNTERS * COUNTER_STRIDE + workers * ROW_STRIDE;
  return cells * Float64Array.BYTES_PER_ELEMENT;
}

/** Views of a buffer of that size. */
export function wrapLimitMemory(buffer: SharedArrayBuffer): LimitMemory {
  return { buffer, lock: new Int32Array(buffer, 0, 1), cells: new Float64Array(buffer) };
}

/** Where a counter's generation stands; its numbers follow. */
export function counterAt(index: number): number {
  return HEADER_CELLS + index * COUNTER_STRIDE;
}

/** Where a counter's lease begins. */
export function leaseAt(index: number): number {
  return counterAt(index) + LEASE_OFFSET;
}

/** Where a reservation of a worker begins. */
export function reservationAt(worker: number, reservation: number): number {
  return rowAt(worker) + reservation * RESERVATION_STRIDE;
}

/** Where a worker's sign of life begins. */
export function lifeAt(worker: number): number {
  return reservationAt(worker, MAX_RESERVATIONS);
}

function rowAt(worker: number): number {
  return HEADER_CELLS + MAX_COUNTERS * COUNTER_STRIDE + worker * ROW_STRIDE;
}
