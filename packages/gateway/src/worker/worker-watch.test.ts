import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createFakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { BLOCKED_MS, createWorkerWatch } from "./worker-watch.ts";

test("a worker that was heard and says nothing for ten seconds is blocked, told once; one that speaks, or never spoke, is not", async () => {
  const clock = createFakeClock();
  const blocked: number[] = [];
  const watch = createWorkerWatch(clock, (worker) => blocked.push(worker));
  watch.heard(0);
  watch.heard(1);
  for (let passedMs = 0; passedMs < 3 * BLOCKED_MS; passedMs += 2_000) {
    await clock.advance(2_000);
    watch.heard(1);
  }
  expect(blocked).toEqual([0]);
  watch.heard(0);
  await clock.advance(BLOCKED_MS - 2_000);
  watch.forget(0);
  watch.heard(1);
  await clock.advance(BLOCKED_MS - 2_000);
  expect(blocked).toEqual([0]);
  watch.stop();
  expect(clock.pendingTimers()).toBe(0);
});

test("a watch that was away itself accuses nobody", () => {
  let now = 0;
  let look = (): void => undefined;
  const clock = {
    ...createFakeClock(),
    monotonic: () => now,
    every: (_periodMs: number, run: () => void) => {
      look = run;
      return () => undefined;
    },
  };
  const blocked: number[] = [];
  const watch = createWorkerWatch(clock, (worker) => blocked.push(worker));
  watch.heard(0);
  now = 60_000;
  look();
  for (let looks = 1; looks < 10; looks += 1) {
    now += 1_000;
    look();
  }
  expect(blocked).toEqual([]);
  now += 1_000;
  look();
  expect(blocked).toEqual([0]);
});

test("a thread in a loop without end can be ended", async () => {
  const thread = new Worker(`require("node:worker_threads").parentPort.postMessage("here"); for (;;);`, { eval: true });
  await once(thread, "message");
  expect(await thread.terminate()).toBe(1);
});
