// Finds workers whose thread is blocked. A thread in a loop that does not end keeps its sockets and answers nobody, and nothing else notices:
// its process lives and its connections are accepted. Each worker says something every two seconds whatever it does; one that was heard
// before and says nothing for ten is blocked. No work of the gateway takes a tenth of that.
//
// The watch doubts itself first: when its own turn comes late, the machine was busy or asleep, and everybody's time begins anew.
import type { Clock } from "@flyball/core";

/** So long after its last word a worker counts as blocked. */
export const BLOCKED_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
/** A look that is so late says that this thread was away itself. */
const LATE_MS = 500;

/** Watches the workers of one gateway. */
export interface WorkerWatch {
  /** It said something. */
  heard(worker: number): void;
  /** Its thread has ended; the next one is watched from its first word on. */
  forget(worker: number): void;
  stop(): void;
}

/** Begins to watch; `onBlocked` comes once for a thread. */
export function createWorkerWatch(clock: Clock, onBlocked: (worker: number) => void): WorkerWatch {
  const heardAt = new Map<number, number>();
  let lookedAt = clock.monotonic();
  const stop = clock.every(LOOK_EVERY_MS, () => {
    const now = clock.monotonic();
    const wasAway = now - lookedAt > LOOK_EVERY_MS + LATE_MS;
    lookedAt = now;
    for (const [worker, at] of heardAt) {
      if (wasAway) heardAt.set(worker, now);
      else if (now - at >= BLOCKED_MS) {
        heardAt.delete(worker);
        onBlocked(worker);
      }
    }
  });
  return {
    heard: (worker) => void heardAt.set(worker, clock.monotonic()),
    forget: (worker) => void heardAt.delete(worker),
    stop,
  };
}
