import { expect, test } from "vitest";
import { sleep, systemClock, type Clock } from "./clock.ts";

/** A clock whose timers run when `advance` reaches them. */
function createHandClock(): Clock & { advance(byMs: number): void; readonly pending: number } {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    every: () => () => {},
    advance(byMs) {
      now += byMs;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.run();
    },
    get pending() {
      return timers.length;
    },
  };
}

test("sleep ends when the clock has moved on, and not before", async () => {
  const clock = createHandClock();
  let isOver = false;
  const sleeping = (async () => {
    await sleep(clock, 100);
    isOver = true;
  })();
  clock.advance(99);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.advance(1);
  await sleeping;
  expect(isOver).toBe(true);
});

test("an abort ends sleep with its reason and leaves no timer", async () => {
  const clock = createHandClock();
  const abort = new AbortController();
  const reason = new Error("stop");
  const sleeping = sleep(clock, 100, abort.signal);
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
});

test("an abort before sleep ends it at once, without a timer", async () => {
  const clock = createHandClock();
  const reason = new Error("early");
  await expect(sleep(clock, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
});

test("an abort after sleep is over does nothing", async () => {
  const clock = createHandClock();
  const abort = new AbortController();
  const sleeping = sleep(clock, 10, abort.signal);
  clock.advance(10);
  await sleeping;
  expect(() => abort.abort(new Error("late"))).not.toThrow();
});

test("the machine's clock calls back, and a cancelled timer does not", async () => {
  const seen: string[] = [];
  const cancel = systemClock.after(0, () => seen.push("cancelled"));
  cancel();
  cancel();
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => {
      seen.push("after");
      resolve();
    });
    // The machine's timers do not keep the process alive; this one does until the callback came.
    setTimeout(() => {}, 50);
  });
  expect(seen).toEqual(["after"]);
  expect(systemClock.monotonic()).toBeLessThanOrEqual(systemClock.monotonic());
});
