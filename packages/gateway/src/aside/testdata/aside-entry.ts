// The thread beside a worker, alone.
import { parentPort, type MessagePort } from "node:worker_threads";
import { runAside } from "../run-aside.ts";

runAside(parentPort as MessagePort);
