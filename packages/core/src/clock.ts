// Time comes in as a parameter, so that back-off, windows and deadlines are tested on a fake clock and never by sleeping.

/** Ends a timer; calling it again does nothing. */
export type CancelTimer = () => void;

/** A source of time. `now` is for records (it may jump); `monotonic` is for durations. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never runs backwards. */
  monotonic(): number;
  /**
   * Calls `run` once after `delayMs`; 0: in the next turn, after all that is to be read by now was read. The timer does not keep the process
   * alive.
   */
  after(delayMs: number, run: () => void): CancelTimer;
  /** Calls `run` every `periodMs`, first after one period. The timer does not keep the process alive. */
  every(periodMs: number, run: () => void): CancelTimer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    if (delayMs <= 0) {
      const immediate = setImmediate(run).unref();
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs).unref();
    return () => clearInterval(timer);
  },
};

/**
 * Resolves after `delayMs` on the clock; rejects with the signal's reason when it aborts first.
 * Unlike `clock.after` alone it is for code that awaits, so an abort never leaves a waiter behind.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
