// A worker thread's entry for tests. On the channel `crash` it is told to die as a defect would make it die.
import { lookup } from "node:dns";
import { BroadcastChannel, parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { runGatewayWorker, type WorkerData } from "../index.ts";
import { wrapLimitMemory } from "../limits/limit-layout.ts";
import { playAside } from "./play-aside.ts";
import { answerInThread } from "./process-commands.ts";

const data = workerData as WorkerData;
const crash = new BroadcastChannel("crash");
crash.unref();
crash.onmessage = () => {
  if (data.workerIndex === 0 && data.role !== "aside") {
    setImmediate(() => {
      throw new Error("a defect in a worker");
    });
  }
};
if (data.role === "aside") playAside(parentPort as MessagePort);
else answerInThread(wrapLimitMemory(data.limits));
/** Addresses by name, each look-up taking the next list: a DNS that a test plays, and that an attacker may hold. */
const names = JSON.parse(process.env["TEST_NAMES"] ?? "{}") as Record<string, string[][]>;
runGatewayWorker({
  port: parentPort as MessagePort,
  data,
  resolveAll(host, options, callback) {
    const lists = names[host];
    const addresses = lists && lists.length > 1 ? lists.shift() : lists?.[0];
    if (addresses === undefined) lookup(host, { ...options, all: true }, callback);
    else callback(null, addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  },
});
