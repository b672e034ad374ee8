import { sleep } from "@flyball/core";
import { expect, test } from "vitest";
import { createFakeClock } from "./fake-clock.ts";

test("timers run in the order of their due time, those due at once in the order of creation", async () => {
  const clock = createFakeClock(1_000);
  const seen: string[] = [];
  clock.after(20, () => seen.push("b"));
  clock.after(10, () => seen.push("a"));
  clock.after(20, () => seen.push("c"));
  await clock.advance(19);
  expect(seen).toEqual(["a"]);
  await clock.advance(1);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(clock.now()).toBe(1_020);
  expect(clock.monotonic()).toBe(20);
});

test("what awaits a timer runs before the next timer, at the time of its own", async () => {
  const clock = createFakeClock(0);
  const seen: number[] = [];
  const chain = (async () => {
    await sleep(clock, 10);
    seen.push(clock.now());
    await sleep(clock, 10);
    seen.push(clock.now());
  })();
  clock.after(15, () => seen.push(-clock.now()));
  await clock.advance(100);
  await chain;
  expect(seen).toEqual([10, -15, 20]);
  expect(clock.now()).toBe(100);
});

test("a periodic timer runs once a period until it is cancelled, even by itself", async () => {
  const clock = createFakeClock(0);
  const seen: number[] = [];
  const cancel = clock.every(10, () => {
    seen.push(clock.now());
    if (seen.length === 3) cancel();
  });
  await clock.advance(1_000);
  expect(seen).toEqual([10, 20, 30]);
  expect(clock.pendingTimers()).toBe(0);
});

test("a cancelled timer does not run", async () => {
  const clock = createFakeClock();
  let runs = 0;
  clock.after(5, () => runs++)();
  await clock.advance(10);
  expect(runs).toBe(0);
});

test("advanceToNext moves exactly to the next timer and says when there is none", async () => {
  const clock = createFakeClock(0);
  clock.after(70, () => {});
  expect(await clock.advanceToNext()).toBe(true);
  expect(clock.now()).toBe(70);
  expect(await clock.advanceToNext()).toBe(false);
});

test("a shift of wall time moves no timer and not the monotonic scale", async () => {
  const clock = createFakeClock(0);
  let ran = false;
  clock.after(10, () => (ran = true));
  clock.shiftWallTime(-5_000);
  expect(clock.now()).toBe(-5_000);
  expect(clock.monotonic()).toBe(0);
  await clock.advance(10);
  expect(ran).toBe(true);
});

test("an aborted sleep rejects and leaves no timer behind", async () => {
  const clock = createFakeClock();
  const ending = new AbortController();
  const slept = sleep(clock, 1_000, ending.signal);
  ending.abort(new Error("enough"));
  await expect(slept).rejects.toThrow("enough");
  expect(clock.pendingTimers()).toBe(0);
});
