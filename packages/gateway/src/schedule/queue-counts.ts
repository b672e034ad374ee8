// How many wait for each pool, over all workers, so that who comes sees in a few reads whether anybody is before him. Each worker counts those
// of its own clients in its own row: when it dies its row is emptied, and no count is left wrong.
import { PRIORITIES } from "@flyball/core";

/** Pools that can be scheduled at once; others are served without a queue of their own kind. */
export const MAX_POOLS = 4_096;

const CLASSES = PRIORITIES.length;
const ROW_CELLS = MAX_POOLS * CLASSES;
/** The bell of the arbiter stands before the rows. */
const HEADER_CELLS = 1;

/** The counts. Classes are indices of `PRIORITIES`. */
export interface QueueCounts {
  add(row: number, pool: number, priority: number, count: 1 | -1): void;
  /** Whether anybody waits for the pool. */
  any(pool: number): boolean;
  /** How many of this class or a higher one wait for it. */
  from(pool: number, priority: number): number;
  clearRow(row: number): void;
  /** Rings for the arbiter; false: it was rung for already. */
  ring(): boolean;
  /** The arbiter looks now: what happens later has to ring again. */
  heard(): void;
}

/** Bytes for so many workers. */
export function queueCountsBytes(rows: number): number {
  return (HEADER_CELLS + rows * ROW_CELLS) * Int32Array.BYTES_PER_ELEMENT;
}

/** Wraps a buffer. */
export function wrapQueueCounts(buffer: ArrayBufferLike, rows: number): QueueCounts {
  const cells = new Int32Array(buffer);
  const cellOf = (row: number, pool: number): number => HEADER_CELLS + row * ROW_CELLS + pool * CLASSES;
  return {
    add: (row, pool, priority, count) => void Atomics.add(cells, cellOf(row, pool) + priority, count),
    any(pool) {
      for (let row = 0; row < rows; row += 1) {
        const cell = cellOf(row, pool);
        for (let each = 0; each < CLASSES; each += 1) if (Atomics.load(cells, cell + each) > 0) return true;
      }
      return false;
    },
    from(pool, priority) {
      let count = 0;
      for (let row = 0; row < rows; row += 1) {
        const cell = cellOf(row, pool);
        for (let each = priority; each < CLASSES; each += 1) count += Atomics.load(cells, cell + each);
      }
      return count;
    },
    clearRow(row) {
      const from = cellOf(row, 0);
      for (let cell = from; cell < from + ROW_CELLS; cell += 1) Atomics.store(cells, cell, 0);
    },
    ring: () => Atomics.compareExchange(cells, 0, 0, 1) === 0,
    heard: () => void Atomics.store(cells, 0, 0),
  };
}
