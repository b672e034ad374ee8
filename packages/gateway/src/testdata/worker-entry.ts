// A worker thread's entry for tests. On the channel `crash` it is told to die as a defect would make it die.
import { BroadcastChannel, parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { runGatewayWorker, type WorkerData } from "../index.ts";

const data = workerData as WorkerData;
const crash = new BroadcastChannel("crash");
crash.unref();
crash.onmessage = () => {
  if (data.workerIndex === 0) {
    setImmediate(() => {
      throw new Error("a defect in a worker");
    });
  }
};
runGatewayWorker({ port: parentPort as MessagePort, data });
