// One timer for all the deadlines of a request. Moving the deadline later costs a number; the timer is set again only when it fires
// too early, so a stream of thousand chunks sets a handful of timers.
import type { CancelTimer, Clock } from "@flyball/core";

/** Watches one deadline at a time. */
export interface Watchdog {
  /** Monotonic milliseconds; Infinity for none. */
  set(deadlineAt: number): void;
  /** Ends it; `onExpire` is not called any more. */
  clear(): void;
}

/** Creates a watchdog without a deadline. */
export function createWatchdog(clock: Clock, onExpire: () => void): Watchdog {
  let deadline = Number.POSITIVE_INFINITY;
  let armedAt = Number.POSITIVE_INFINITY;
  let cancel: CancelTimer | undefined;
  const fire = (): void => {
    cancel = undefined;
    armedAt = Number.POSITIVE_INFINITY;
    if (deadline === Number.POSITIVE_INFINITY) return;
    if (clock.monotonic() >= deadline) onExpire();
    else arm();
  };
  const arm = (): void => {
    cancel?.();
    armedAt = deadline;
    cancel = clock.after(Math.max(1, Math.ceil(deadline - clock.monotonic())), fire);
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
