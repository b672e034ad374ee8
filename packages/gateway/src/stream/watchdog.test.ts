import type { Clock } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { createWatchdog } from "./watchdog.ts";

/** A clock that moves only when told, and counts the timers that were set. */
function fakeClock() {
  let now = 0;
  let timersSet = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(delayMs, run) {
      timersSet += 1;
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    every: () => () => undefined,
  };
  return {
    clock,
    timersSet: () => timersSet,
    advance(ms: number) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
        if (!next) break;
        now = next.at;
        timers.delete(next);
        next.run();
      }
      now = until;
    },
    /** Time goes by and nothing runs. */
    sleep(ms: number) {
      now += ms;
    },
    /** Runs what is due, once. */
    turn() {
      const due = [...timers].filter(({ at }) => at <= now);
      for (const timer of due) if (timers.delete(timer)) timer.run();
    },
  };
}

describe("createWatchdog", () => {
  it("expires at the deadline and not before", () => {
    const fake = fakeClock();
    const expired: number[] = [];
    const watchdog = createWatchdog(fake.clock, () => expired.push(fake.clock.monotonic()));
    watchdog.set(100);
    fake.advance(99);
    expect(expired).toEqual([]);
    fake.advance(1);
    expect(expired).toEqual([100]);
  });

  it("moves earlier and later, and sets few timers for many moves", () => {
    const fake = fakeClock();
    let expired = 0;
    const watchdog = createWatchdog(fake.clock, () => (expired += 1));
    watchdog.set(1_000);
    for (let chunk = 1; chunk <= 1_000; chunk += 1) {
      fake.advance(10);
      watchdog.set(fake.clock.monotonic() + 1_000);
    }
    expect(expired).toBe(0);
    expect(fake.timersSet()).toBeLessThan(15);
    watchdog.set(fake.clock.monotonic() + 5);
    fake.advance(5);
    expect(expired).toBe(1);
  });

  it("is silent after it was cleared, and without a deadline", () => {
    const fake = fakeClock();
    let expired = 0;
    const watchdog = createWatchdog(fake.clock, () => (expired += 1));
    watchdog.set(10);
    watchdog.clear();
    watchdog.set(Number.POSITIVE_INFINITY);
    fake.advance(1_000);
    expect(expired).toBe(0);
  });

  it("lets what came in time be read first when the process was away", () => {
    const fake = fakeClock();
    const expired: number[] = [];
    const watchdog = createWatchdog(fake.clock, () => expired.push(fake.clock.monotonic()));
    watchdog.set(100);
    fake.sleep(300);
    fake.turn();
    expect(expired).toEqual([]);
    // It was read: the next deadline counts.
    watchdog.set(400);
    fake.turn();
    fake.advance(99);
    expect(expired).toEqual([]);
    fake.advance(1);
    expect(expired).toEqual([400]);
    watchdog.set(500);
    fake.sleep(300);
    fake.turn();
    fake.turn();
    expect(expired).toEqual([400, 700]);
  });
});
