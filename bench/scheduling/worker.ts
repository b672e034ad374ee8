// A worker thread of the bench: takes tasks one after another.
import { parentPort, workerData } from "node:worker_threads";
import { runTask } from "./run-task.ts";
import { createTraceShelf } from "./trace-files.ts";
import type { Task, WorkerMessage } from "./task.ts";

const { dataFolder } = workerData as { readonly dataFolder: string };
const traceOf = createTraceShelf(dataFolder);
const answer = (message: WorkerMessage): void => parentPort?.postMessage(message);

parentPort?.on("message", (task: Task) => {
  try {
    for (const result of runTask(task, traceOf)) answer({ kind: "run", result });
    answer({ kind: "done" });
  } catch (error) {
    answer({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
