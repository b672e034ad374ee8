// The keeper of limits as the main thread has it, two workers, and the first of them stops inside the lock. Until the end this thread gives
// its event loop no turn, as a main thread in the middle of a function: it cannot hear that a worker has ended.
import { parentPort, Worker, workerData } from "node:worker_threads";
import { systemClock, NO_LIMITS } from "@flyball/core";
import { createLogger } from "@flyball/telemetry";
import { counterAt, wrapLimitMemory } from "../../limits/limit-layout.ts";
import { openLimitTable } from "../../limits/limit-table.ts";
import { snapshot } from "../../testdata/snapshots.ts";
import { createLimitKeeper } from "../limit-keeper.ts";

/** Requests at once before the worker stopped and after the keeper had the lock; what stands in the lock then. */
export interface KeptLimits {
  readonly heldBefore: number;
  readonly held: number;
  readonly lock: number;
}

const { journalFolder, how } = workerData as { readonly journalFolder: string; readonly how: "ends" | "sleeps" };
const limited = snapshot(1, {
  keys: [{ id: "k1", hmac: "k1", service: "", models: [], limits: { ...NO_LIMITS, concurrency: 10 } }],
});
const keeper = createLimitKeeper({
  journalFolder,
  workers: 2,
  clock: systemClock,
  logger: createLogger({ clock: systemClock, level: "error", write: () => undefined }),
  wake: () => undefined,
});
const demands = (keeper.compile(limited, {})?.["key:k1"] ?? []).map(({ counter }) => ({ counter, amount: 1 }));
const memory = wrapLimitMemory(keeper.buffer);
const heldNow = (): number => memory.cells[counterAt(demands[0]?.counter.index ?? 0) + 2] as number;
openLimitTable(memory, 1).reserve(demands, systemClock.now());
const inside = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const thread = new Worker(new URL("./stop-inside-lock.ts", import.meta.url), {
  workerData: { buffer: keeper.buffer, worker: 0, demands, how, inside },
});
thread.on("error", (error) => {
  throw error;
});
Atomics.wait(inside, 0, 0);
const heldBefore = heldNow();
keeper.compile(limited, {});
const kept: KeptLimits = { heldBefore, held: heldNow(), lock: Atomics.load(memory.lock, 0) };
parentPort?.postMessage(kept);
