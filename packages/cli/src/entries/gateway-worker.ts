// The body of a gateway's worker thread.
import { parentPort, workerData } from "node:worker_threads";
import { runGatewayWorker, type WorkerData } from "@flyball/gateway";

if (parentPort === null) throw new Error("this file is the entry of a worker thread");
runGatewayWorker({ port: parentPort, data: workerData as WorkerData });
