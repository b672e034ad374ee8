// The main thread and a worker that died with the lock of the limits in its hands. The keeper runs in a thread of its own here: one that
// waits for ever can be ended, and the test says so.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeptLimits } from "./testdata/keep-limits-in-thread.ts";

const ENTRY = new URL("./testdata/keep-limits-in-thread.ts", import.meta.url);
const WAIT_MS = 10_000;

let journalFolder: string;
beforeAll(async () => {
  journalFolder = await mkdtemp(join(tmpdir(), "fb-limits-"));
});
afterAll(() => rm(journalFolder, { recursive: true, force: true }));

async function keepLimits(how: "ends" | "sleeps"): Promise<KeptLimits | "waits for ever"> {
  const keeper = new Worker(ENTRY, { workerData: { journalFolder, how } });
  const late = Promise.withResolvers<"waits for ever">();
  const timer = setTimeout(() => late.resolve("waits for ever"), WAIT_MS);
  try {
    return await Promise.race([
      late.promise,
      new Promise<KeptLimits>((resolve, reject) => {
        keeper.once("message", resolve);
        keeper.once("error", reject);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    await keeper.terminate();
  }
}

describe("the keeper of limits", () => {
  it("goes on before it has heard that a worker died inside the lock, and takes back what that held", async () => {
    expect(await keepLimits("ends")).toEqual({ heldBefore: 3, held: 1, lock: 0 });
  });

  it("waits for a worker that is alive inside the lock", async () => {
    expect(await keepLimits("sleeps")).toEqual({ heldBefore: 3, held: 3, lock: 0 });
  });
});
