// Tells the client's thread when each request is due. Timers of Node are late by up to a millisecond, more than what is measured; a
// thread that waits on a futex is late by less than a tenth of that.
import { parentPort, workerData } from "node:worker_threads";

/** When requests are due. */
export interface TickerData {
  /** Moment of the first, in milliseconds of the system's monotonic clock. */
  readonly firstAtMs: number;
  /** Milliseconds from each request to the one before it. */
  readonly gapsMs: readonly number[];
}

const { firstAtMs, gapsMs } = workerData as TickerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
let dueAtMs = firstAtMs;
for (const gapMs of gapsMs) {
  dueAtMs += gapMs;
  const waitMs = dueAtMs - Number(process.hrtime.bigint()) / 1e6;
  if (waitMs > 0) Atomics.wait(cell, 0, 0, waitMs);
  parentPort?.postMessage(dueAtMs);
}
