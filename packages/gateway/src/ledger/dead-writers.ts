// Journals of workers that died while their gateway lives on. Their open calls are settled at once, and when the disk does not take that, again
// later: nobody else does it before the gateway itself ends.
import type { Clock, ProcessIdentity } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { settleDeadWriters } from "./replay.ts";

/** Writers that are dead and not settled. At most one for each worker that died since the disk took something. */
export interface DeadWriters {
  add(writer: string): void;
  /** Settles them all; answers how many calls there were, 0 while the disk does not take it. */
  settle(): number;
}

/** Creates it; `newWriter` names the file of lost calls. */
export function createDeadWriters({
  folder,
  identity,
  clock,
  logger,
  newWriter,
}: {
  readonly folder: string;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newWriter: (worker: "main") => string;
}): DeadWriters {
  const writers = new Set<string>();
  let isFailing = false;
  return {
    add: (writer) => void writers.add(writer),
    settle() {
      if (writers.size === 0) return 0;
      try {
        const settled = settleDeadWriters({
          folder,
          writer: newWriter("main"),
          identity,
          now: clock.now(),
          writers: [...writers],
        });
        writers.clear();
        isFailing = false;
        return settled;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!isFailing)
          logger.error("the calls of a worker that ended cannot be settled; it is tried again", { reason });
        isFailing = true;
        return 0;
      }
    },
  };
}
