// Starts the thread beside a worker, from the same file as the worker.
import { Worker } from "node:worker_threads";
import type { WorkerData } from "../worker/worker-messages.ts";
import type { ThreadHandle } from "./side-thread.ts";

/** A limit that no work comes near (see `ask-aside.ts`): a thread that runs into it may take the whole process with it. */
const HEAP_MB = 2_048;
const YOUNG_GENERATION_MB = 32;

/** Starts it. `worker`: what the worker was started with. */
export function startThread(worker: WorkerData): ThreadHandle {
  return new Worker(new URL(worker.entry), {
    workerData: { ...worker, role: "aside", learned: undefined } satisfies WorkerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
