// A thread that always holds two hundred calls: it reserves, settles the oldest, and never ends by itself. It is killed at any point.
import { parentPort, workerData } from "node:worker_threads";
import { wrapLimitMemory } from "../limit-layout.ts";
import { openLimitTable, type Demand } from "../limit-table.ts";

const { buffer, worker, demands, held, now } = workerData as {
  buffer: SharedArrayBuffer;
  worker: number;
  demands: readonly Demand[];
  held: number;
  now: number;
};
const table = openLimitTable(wrapLimitMemory(buffer), worker);
const used = demands.map(() => 1);
const open: number[] = [];
for (let round = 0; ; round += 1) {
  const outcome = table.reserve(demands, now + round);
  if (outcome.kind === "reserved") open.push(outcome.reservation);
  if (open.length > held) table.settle(open.shift() as number, used, now + round);
  if (round === held) parentPort?.postMessage("holding");
}
