// A clock for tests of the simulated engine: time moves only when the test moves it, and timers run in the order of their time.

import type { EngineClock } from "../openai/engine-clock.ts";

/** A clock that a test moves. */
export interface ManualClock extends EngineClock {
  /** Moves to the next timer, runs it and lets everything that it woke run; false when there is none. */
  runNext(): Promise<boolean>;
  /** Timers that are waiting. */
  pending(): number;
}

/** Creates a clock that stands at 0. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  let timers: readonly { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after(delayMs, run) {
      const timer = { atMs: nowMs + delayMs, run };
      timers = [...timers, timer].toSorted((a, b) => a.atMs - b.atMs);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    async runNext() {
      const [next, ...rest] = timers;
      if (next === undefined) return false;
      timers = rest;
      nowMs = next.atMs;
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    },
    pending: () => timers.length,
  };
}
