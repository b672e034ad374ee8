// A clock that stands still until a test moves it. Timers run in the order of their due time, those due at once in the order of their
// creation, and after each one everything that awaits it runs before the next: so code under test sees time as on a machine that is
// never late.
import type { CancelTimer, Clock } from "@flyball/core";

/** A clock moved by hand. */
export interface FakeClock extends Clock {
  /** Moves time forward, running every timer that falls due on the way (those made on the way too) and what awaits them. */
  advance(durationMs: number): Promise<void>;
  /** Moves to the next timer and runs it. false: there is none. */
  advanceToNext(): Promise<boolean>;
  /** Lets everything that is ready run, without moving time: promise chains, and callbacks of setImmediate. */
  settle(): Promise<void>;
  /** How many timers wait. A test of a disposed object asserts 0. */
  pendingTimers(): number;
  /** Shifts wall time alone, as a correction of the machine's clock does; timers and `monotonic` are untouched. */
  shiftWallTime(deltaMs: number): void;
}

interface Timer {
  dueAt: number;
  readonly sequence: number;
  readonly run: () => void;
  readonly periodMs: number | undefined;
}

/** More timers than this in one `advance` mean a timer that starts itself again with no delay: the test fails instead of hanging. */
const MAX_RUNS = 1_000_000;

/** A clock that starts at `startAt` (2025-01-01T00:00:00Z unless given) and at 0 on its monotonic scale. */
export function createFakeClock(startAt = Date.UTC(2025, 0, 1)): FakeClock {
  let elapsedMs = 0;
  let wallOffset = startAt;
  let sequence = 0;
  const timers = new Set<Timer>();

  function add(delayMs: number, run: () => void, periodMs: number | undefined): CancelTimer {
    const timer: Timer = {
      dueAt: elapsedMs + Math.max(0, delayMs),
      sequence: sequence++,
      run,
      periodMs,
    };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  function next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (!first || timer.dueAt < first.dueAt || (timer.dueAt === first.dueAt && timer.sequence < first.sequence)) {
        first = timer;
      }
    }
    return first;
  }

  async function runTimer(timer: Timer): Promise<void> {
    elapsedMs = Math.max(elapsedMs, timer.dueAt);
    if (timer.periodMs === undefined) timers.delete(timer);
    else timer.dueAt += Math.max(timer.periodMs, 1);
    timer.run();
    await settle();
  }

  return {
    now: () => wallOffset + elapsedMs,
    monotonic: () => elapsedMs,
    after: (delayMs, run) => add(delayMs, run, undefined),
    every: (periodMs, run) => add(Math.max(periodMs, 1), run, Math.max(periodMs, 1)),
    async advance(durationMs) {
      const until = elapsedMs + durationMs;
      await settle();
      for (let runs = 0; ; runs++) {
        const timer = next();
        if (!timer || timer.dueAt > until) break;
        if (runs >= MAX_RUNS) throw new Error(`more than ${MAX_RUNS} timers ran within ${durationMs} ms of fake time`);
        await runTimer(timer);
      }
      elapsedMs = Math.max(elapsedMs, until);
    },
    async advanceToNext() {
      await settle();
      const timer = next();
      if (!timer) return false;
      await runTimer(timer);
      return true;
    },
    settle,
    pendingTimers: () => timers.size,
    shiftWallTime: (deltaMs) => void (wallOffset += deltaMs),
  };
}

/** setImmediate fires only when the microtask queue is empty; the second turn covers callbacks that the first one queued. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
