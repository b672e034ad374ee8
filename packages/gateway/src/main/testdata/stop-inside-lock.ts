// A worker that holds two calls, takes the lock, and ends there, or lets it go after a while.
import { workerData } from "node:worker_threads";
import { wrapLimitMemory } from "../../limits/limit-layout.ts";
import { openLock, takeLock } from "../../limits/limit-lock.ts";
import { openLimitTable, type Demand } from "../../limits/limit-table.ts";
import { giveSignOfLife } from "../../limits/sign-of-life.ts";

const { buffer, worker, demands, how, inside } = workerData as {
  readonly buffer: SharedArrayBuffer;
  readonly worker: number;
  readonly demands: readonly Demand[];
  readonly how: "ends" | "sleeps";
  /** 1 as soon as it is in there. */
  readonly inside: Int32Array;
};
const SLEEP_MS = 200;
const memory = wrapLimitMemory(buffer);
giveSignOfLife(memory, worker);
const table = openLimitTable(memory, worker);
for (let call = 0; call < 2; call += 1) table.reserve(demands, Date.now());
takeLock(memory, worker);
Atomics.store(inside, 0, 1);
Atomics.notify(inside, 0);
if (how === "ends") process.exit();
Atomics.wait(inside, 0, 1, SLEEP_MS);
openLock(memory);
