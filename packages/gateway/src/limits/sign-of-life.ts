// How the main thread knows, while it waits and its event loop stands still, that a worker is dead: each worker has a file open that is
// never closed. Node closes what a thread had opened when no more of that thread's code can run, by whatever it ended.
import { fstatSync, openSync } from "node:fs";
import { lifeAt, type LimitMemory } from "./limit-layout.ts";

/** Begins it; called by the worker before it takes the lock for the first time. Throws when the process may open no more files. */
export function giveSignOfLife({ cells }: LimitMemory, worker: number): void {
  const descriptor = openSync(process.execPath, "r");
  const { dev, ino } = fstatSync(descriptor);
  cells.set([descriptor, dev, ino], lifeAt(worker));
}

/** Whether a worker that gave a sign of life is gone for certain. Its number may be another file's by now. */
export function isGone({ cells }: LimitMemory, worker: number): boolean {
  const at = lifeAt(worker);
  const [descriptor = 0, device, file] = cells.subarray(at, at + 3);
  if (descriptor === 0) return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return dev !== device || ino !== file;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EBADF";
  }
}
