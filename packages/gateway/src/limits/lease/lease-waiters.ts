// Calls of one worker that wait until the main thread has leased more of a limit. Each waits until a moment that was set when it first
// had to, tries again whenever something was leased, and once more at its end.
import type { CancelTimer, Clock } from "@flyball/core";

/** The longest that a request waits for the store, all tries together. */
export const LEASE_WAIT_MS = 25;
/** Calls that wait at once in a worker; a further one is refused at once. */
const MAX_WAITING = 1_024;

/** The waiting calls. */
export interface LeaseWaiters {
  /** Calls `again` once, later. false: the time is over, or too many wait; `again` is not called. */
  wait(until: number, again: () => void): boolean;
  /** Something was leased. */
  wake(): void;
  /** When a call that waits now for the first time has waited long enough (monotonic). */
  deadline(): number;
}

/** Creates it with nobody waiting. */
export function createLeaseWaiters(clock: Clock): LeaseWaiters {
  const waiting = new Map<() => void, CancelTimer>();
  return {
    deadline: () => clock.monotonic() + LEASE_WAIT_MS,
    wait(until, again) {
      const leftMs = until - clock.monotonic();
      if (leftMs <= 0 || waiting.size >= MAX_WAITING) return false;
      const cancel = clock.after(leftMs, () => {
        waiting.delete(again);
        again();
      });
      waiting.set(again, cancel);
      return true;
    },
    wake() {
      const now = [...waiting];
      waiting.clear();
      for (const [again, cancel] of now) {
        cancel();
        again();
      }
    },
  };
}
