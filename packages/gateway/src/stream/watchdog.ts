// One timer for all the deadlines of a request. Moving the deadline later costs a number; the timer is set again only when it fires
// too early, so a stream of thousand chunks sets a handful of timers.
//
// A process that was kept off its processor meets its deadlines before what came in time and waits in its sockets. A deadline that is noticed
// late therefore holds only when that has been read.
import type { CancelTimer, Clock } from "@flyball/core";

/** Watches one deadline at a time. */
export interface Watchdog {
  /** Monotonic milliseconds; Infinity for none. */
  set(deadlineAt: number): void;
  /** Ends it; `onExpire` is not called any more. */
  clear(): void;
}

/** A timer that is so late says that the process was away. */
export const LATE_MS = 20;

/** Creates a watchdog without a deadline. */
export function createWatchdog(clock: Clock, onExpire: () => void): Watchdog {
  let deadline = Number.POSITIVE_INFINITY;
  let armedAt = Number.POSITIVE_INFINITY;
  let cancel: CancelTimer | undefined;
  const fire = (isAllRead: boolean): void => {
    cancel = undefined;
    armedAt = Number.POSITIVE_INFINITY;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const lateMs = clock.monotonic() - deadline;
    if (lateMs < 0) arm();
    else if (lateMs < LATE_MS || isAllRead) onExpire();
    else {
      armedAt = Number.NEGATIVE_INFINITY;
      cancel = clock.after(0, () => fire(true));
    }
  };
  const arm = (): void => {
    cancel?.();
    armedAt = deadline;
    cancel = clock.after(Math.max(1, Math.ceil(deadline - clock.monotonic())), () => fire(false));
  };
  return {
    set(deadlineAt) {
      deadline = deadlineAt;
      if (deadlineAt < armedAt) arm();
    },
    clear() {
      deadline = Number.POSITIVE_INFINITY;
      armedAt = Number.POSITIVE_INFINITY;
      cancel?.();
      cancel = undefined;
    },
  };
}
