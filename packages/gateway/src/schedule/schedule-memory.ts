// The memory by which the workers and the arbiter schedule together: what is in flight at every endpoint, which prompts it knows, who waits
// for which pool, and how much each worker's own latencies say that an endpoint can take. Made once by the main thread. Memory that nothing
// was written to is not taken from the machine.
import { cellBookBytes, createCellBook, type CellBook } from "@flyball/traffic";
import { MAX_SLOTS } from "../shared/in-flight-table.ts";
import { createSharedPrefixes, sharedPrefixesBytes, type SharedPrefixes } from "./shared-prefixes.ts";
import { queueCountsBytes, wrapQueueCounts, type QueueCounts } from "./queue-counts.ts";

/** The buffers, as they go to a thread. */
export interface ScheduleBuffers {
  /** Workers: each has a row. */
  readonly rows: number;
  readonly book: SharedArrayBuffer;
  readonly prefixes: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
  readonly gates: SharedArrayBuffer;
}

/** The buffers as a thread uses them. Columns are the slots of the in-flight table. */
export interface ScheduleMemory {
  readonly rows: number;
  readonly book: CellBook;
  readonly prefixes: SharedPrefixes;
  readonly counts: QueueCounts;
  /** Requests at once that a worker's latencies allow at an endpoint: row × column; 0: it has not said. */
  readonly gates: Int32Array;
}

/** Makes the buffers. */
export function createScheduleBuffers(rows: number): ScheduleBuffers {
  return {
    rows,
    book: new SharedArrayBuffer(cellBookBytes({ endpoints: MAX_SLOTS, rows })),
    prefixes: new SharedArrayBuffer(sharedPrefixesBytes()),
    counts: new SharedArrayBuffer(queueCountsBytes(rows)),
    gates: new SharedArrayBuffer(rows * MAX_SLOTS * Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Wraps them. */
export function wrapScheduleMemory({ rows, book, prefixes, counts, gates }: ScheduleBuffers): ScheduleMemory {
  return {
    rows,
    book: createCellBook({ endpoints: MAX_SLOTS, rows }, book),
    prefixes: createSharedPrefixes(prefixes),
    counts: wrapQueueCounts(counts, rows),
    gates: new Int32Array(gates),
  };
}

/** What a worker's row says of an endpoint's gate. */
export function gateCell(row: number, column: number): number {
  return row * MAX_SLOTS + column;
}
