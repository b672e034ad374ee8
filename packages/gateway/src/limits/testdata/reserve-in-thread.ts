// A thread that reserves and settles calls as fast as it can, for the test of exactness over threads.
import { parentPort, workerData } from "node:worker_threads";
import { wrapLimitMemory } from "../limit-layout.ts";
import { openLimitTable, type Demand } from "../limit-table.ts";

const { buffer, worker, demands, calls, now } = workerData as {
  buffer: SharedArrayBuffer;
  worker: number;
  demands: readonly Demand[];
  calls: number;
  now: number;
};
const table = openLimitTable(wrapLimitMemory(buffer), worker);
const used = demands.map(({ amount }) => amount);
let admitted = 0;
for (let call = 0; call < calls; call += 1) {
  const outcome = table.reserve(demands, now);
  if (outcome.kind !== "reserved") continue;
  admitted += 1;
  table.settle(outcome.reservation, used, now);
}
parentPort?.postMessage(admitted);
