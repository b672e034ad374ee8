// A worker thread's entry for tests.
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { runGatewayWorker, type WorkerData } from "../index.ts";

runGatewayWorker({ port: parentPort as MessagePort, data: workerData as WorkerData });
