// Ctrl-C and its like, counted. A terminal and a wrapper (npm, the launcher) may both deliver the same Ctrl-C, so signals that come
// within half a second are one.
import type { Clock } from "@flyball/core";

/** Tells of interruptions. */
export interface Interruptions {
  /**
   * Calls back with 1 for the first interruption, 2 for the second … and ends the default of dying at once. Answers how to stop listening;
   * after an interruption the default does not come back, because the command is about to leave.
   */
  listen(onInterruption: (count: number) => void): () => void;
}

/** The part of `process` that is needed. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  readonly ppid: number;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const SAME_PRESS_MS = 500;
const PARENT_CHECK_MS = 500;

/**
 * Counts SIGINT, SIGTERM and SIGHUP. With `wrapperPid` (the process that runs this one on behalf of a person) its death counts as an
 * interruption too: a wrapper that was killed −9 cannot pass anything on.
 */
export function createInterruptions(options: {
  readonly source: SignalSource;
  readonly clock: Clock;
  readonly wrapperPid?: number | undefined;
}): Interruptions {
  const { source, clock, wrapperPid } = options;
  return {
    listen(onInterruption) {
      let count = 0;
      let isListening = true;
      let lastAt = Number.NEGATIVE_INFINITY;
      const interrupt = (): void => {
        if (clock.monotonic() - lastAt < SAME_PRESS_MS) return;
        lastAt = clock.monotonic();
        count += 1;
        if (isListening) onInterruption(count);
      };
      for (const signal of SIGNALS) source.on(signal, interrupt);
      const cancelCheck =
        wrapperPid === undefined
          ? undefined
          : clock.every(PARENT_CHECK_MS, () => {
              if (source.ppid === wrapperPid) return;
              cancelCheck?.();
              interrupt();
            });
      return () => {
        isListening = false;
        cancelCheck?.();
        // The wrapper's copy of a Ctrl-C that was heard may come while the command leaves; it must not kill it on the way.
        if (count === 0) for (const signal of SIGNALS) source.off(signal, interrupt);
      };
    },
  };
}
