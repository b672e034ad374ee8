// Requests in flight per endpoint, exact over all workers: one SharedArrayBuffer with one row per worker and one column (slot) per
// endpoint. A total is the sum of a column, so there is no second number that a dying worker could leave wrong: its row is set to
// zero and its requests are gone from every total. Slots carry a generation: a late release for an endpoint whose slot was given to
// another one does nothing.

/** Endpoints at once. A snapshot with more is refused. */
export const MAX_SLOTS = 4_096;

/** Where one endpoint's requests are counted. */
export interface Slot {
  readonly index: number;
  readonly generation: number;
}

/** The shared counts. Created once by the main thread; workers wrap the same buffer. */
export interface InFlightTable {
  readonly buffer: SharedArrayBuffer;
  /** Counts one request of a worker; false when the slot belongs to another endpoint by now. */
  acquire(worker: number, slot: Slot): boolean;
  /** Gives one back; nothing happens for an old generation. */
  release(worker: number, slot: Slot): void;
  /** Requests in flight over all workers; 0 for an old generation. */
  total(slot: Slot): number;
  /** A worker is dead: nothing of it is in flight any more. */
  clearRow(worker: number): void;
  /** Gives the column to another endpoint and returns its new name. Only for a column whose total is 0. */
  renew(index: number): Slot;
}

/** Bytes for a number of workers: 16 KiB per worker and 16 KiB for the generations. */
export function inFlightTableBytes(workers: number): number {
  return (workers + 1) * MAX_SLOTS * Int32Array.BYTES_PER_ELEMENT;
}

/** Wraps a buffer. */
export function wrapInFlightTable(buffer: SharedArrayBuffer): InFlightTable {
  const cells = new Int32Array(buffer);
  const workers = cells.length / MAX_SLOTS - 1;
  const cell = (worker: number, index: number): number => (worker + 1) * MAX_SLOTS + index;
  const isCurrent = (slot: Slot): boolean => Atomics.load(cells, slot.index) === slot.generation;
  return {
    buffer,
    acquire(worker, slot) {
      if (!isCurrent(slot)) return false;
      Atomics.add(cells, cell(worker, slot.index), 1);
      return true;
    },
    release(worker, slot) {
      if (isCurrent(slot)) Atomics.sub(cells, cell(worker, slot.index), 1);
    },
    total(slot) {
      if (!isCurrent(slot)) return 0;
      let sum = 0;
      for (let worker = 0; worker < workers; worker += 1) {
        sum += Atomics.load(cells, cell(worker, slot.index));
      }
      return sum;
    },
    clearRow(worker) {
      for (let index = 0; index < MAX_SLOTS; index += 1) {
        Atomics.store(cells, cell(worker, index), 0);
      }
    },
    renew(index) {
      const generation = Atomics.add(cells, index, 1) + 1;
      for (let worker = 0; worker < workers; worker += 1) {
        Atomics.store(cells, cell(worker, index), 0);
      }
      return { index, generation };
    },
  };
}
