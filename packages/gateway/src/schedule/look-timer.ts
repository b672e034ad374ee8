// While somebody waits, the arbiter looks once in a while although nobody says that anything has happened: rests and ejections end, limits
// are learned, and who waits for a warm endpoint has waited long enough.
import type { CancelTimer, Clock } from "@flyball/core";
import type { Arbiter } from "./arbiter.ts";

/** Between two looks. */
export const LOOK_EVERY_MS = 20;

/** The timer; it runs only while somebody waits. */
export interface LookTimer {
  /** Somebody waits, maybe. */
  set(): void;
  stop(): void;
}

/** Creates it. */
export function createLookTimer(clock: Clock, arbiter: Pick<Arbiter, "look" | "queued">): LookTimer {
  let cancel: CancelTimer | undefined;
  const set = (): void => {
    if (cancel !== undefined || arbiter.queued === 0) return;
    cancel = clock.after(LOOK_EVERY_MS, () => {
      cancel = undefined;
      arbiter.look();
      set();
    });
  };
  return {
    set,
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
