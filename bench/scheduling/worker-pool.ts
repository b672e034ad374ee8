// Worker threads, one a core, each with one task at a time.
import { Worker } from "node:worker_threads";
import type { RunResult, Task, WorkerMessage } from "./task.ts";

/** Threads that run tasks. */
export interface WorkerPool {
  /** Runs it as soon as a thread is free; each result is told as it comes. Rejects with the reason of a failure. */
  run(task: Task, onResult: (result: RunResult) => void): Promise<void>;
  dispose(): Promise<void>;
}

interface Waiting {
  readonly task: Task;
  readonly onResult: (result: RunResult) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Starts the threads. */
export function createWorkerPool(size: number, dataFolder: string): WorkerPool {
  // Bounded by the tasks of one bench.
  const waiting: Waiting[] = [];
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("./worker.ts", import.meta.url), { workerData: { dataFolder } }),
  );
  const idle = [...workers];

  function startNext(): void {
    const worker = idle.at(-1);
    const next = waiting[0];
    if (worker === undefined || next === undefined) return;
    idle.pop();
    waiting.shift();
    const release = (finish: () => void): void => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      idle.push(worker);
      finish();
      startNext();
    };
    const onError = (error: Error): void => release(() => next.reject(error));
    const onMessage = (message: WorkerMessage): void => {
      if (message.kind === "run") next.onResult(message.result);
      else if (message.kind === "done") release(next.resolve);
      else release(() => next.reject(new Error(message.reason)));
    };
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.postMessage(next.task);
  }

  return {
    run(task, onResult) {
      return new Promise((resolve, reject) => {
        waiting.push({ task, onResult, resolve, reject });
        startNext();
      });
    },
    async dispose() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
