// A small process that outlives the drill. It holds one record and undoes the fault when its lease is over or the drill is gone, whichever
// comes first; when the record is removed, the drill has done so itself.
import { once } from "node:events";
import { watch } from "node:fs";
import { dirname } from "node:path";
import { sleep, systemClock } from "@flyball/core";
import { isProcessAlive } from "@flyball/wire";
import { readRecord, removeRecord, type FaultRecord } from "./fault-record.ts";
import { undoSteps } from "./undo-steps.ts";

/** What the drill waits for on its output before the fault is made. */
export const KEEPER_READY = "ready\n";
/** Signals of a terminal that ends a drill must not keep its faults from being undone. */
const IGNORED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"] as const;
const LOOK_MS = 200;
const TRIES = 5;

/** Runs until the fault of the record at this path is undone. Its input is a pipe that ends with the drill. */
export async function runLeaseKeeper(path: string, input: NodeJS.ReadableStream): Promise<void> {
  for (const name of IGNORED) process.on(name, () => undefined);
  const record = await readRecord(path);
  if (!record) return;
  const over = new AbortController();
  const end = (): void => over.abort();
  input.on("error", end).once("end", end).resume();
  const watcher = watch(dirname(path)).on("error", () => undefined);
  process.stdout.write(KEEPER_READY);
  while (!over.signal.aborted && Date.now() < record.until && isProcessAlive(record.owner)) {
    if (!(await readRecord(path))) break;
    const waitMs = Math.min(LOOK_MS, Math.max(1, record.until - Date.now()));
    await Promise.race([sleep(systemClock, waitMs), once(watcher, "change"), aborted(over.signal)]);
  }
  watcher.close();
  input.pause();
  if (await readRecord(path)) await undoSurely(path, record);
}

/** A step may fail for a moment (the lock of iptables): tried again. The record stays when it did not work, for the next sweep. */
async function undoSurely(path: string, record: FaultRecord): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await undoSteps(record.steps);
      return await removeRecord(path);
    } catch (error) {
      if (attempt === TRIES) throw error;
      await sleep(systemClock, LOOK_MS * attempt);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
