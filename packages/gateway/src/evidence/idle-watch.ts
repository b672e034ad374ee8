// Says once per draining endpoint that nothing is in flight on it any more. After a lost link it says so again: control may have missed
// it.
import type { EndpointIdle, Snapshot } from "@flyball/core";
import type { LoadReader } from "./load-part.ts";

/** Watches draining endpoints. */
export interface IdleWatch {
  /** Signals for endpoints that are idle and were not reported since the last reset. */
  look(snapshot: Snapshot, now: number): EndpointIdle[];
  reset(): void;
}

/** Creates a watch; it remembers at most the draining endpoints of the current snapshot. */
export function createIdleWatch(reader: LoadReader): IdleWatch {
  let reported = new Set<string>();
  return {
    look(snapshot, now) {
      const idle: EndpointIdle[] = [];
      const stillReported = new Set<string>();
      for (const pool of snapshot.pools) {
        for (const { id, state } of pool.endpoints) {
          if (state !== "draining") continue;
          const slot = reader.slotOf(id);
          const isIdle = slot !== undefined && reader.inFlight.total(slot) === 0;
          if (isIdle && !reported.has(id)) idle.push({ kind: "endpoint-idle", endpoint: id, at: now });
          if (isIdle || reported.has(id)) stillReported.add(id);
        }
      }
      reported = stillReported;
      return idle;
    },
    reset: () => reported.clear(),
  };
}
