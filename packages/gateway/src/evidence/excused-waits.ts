// Who waits because of what it calls. A request that hangs at the last service of a chain hangs at every service before it, and these seem silent too,
// often sooner, for their bounds are their own. While something waits behind a pool about as long as its own requests do, these prove nothing about
// its endpoints: they are counted as in flight and not as stuck, by everybody who goes by them (judge-waits, the ejector, control).
//
// Bounded by the pools of the snapshot.
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { Waits } from "./running-attempts.ts";

/** What is called has waited for at least this share of the time that the caller has: it was called a little later. */
const SHARE = 0.5;
/** What was sent again behind has waited for nothing yet; the caller goes on waiting until it is answered. */
const AFTERMATH_MS = 3_000;

/** The excuses of one worker. */
export interface ExcusedWaits {
  /** The waits without those that are explained by what is called. Times are monotonic. */
  of(pools: readonly Pool[], waits: ReadonlyMap<Endpoint, Waits>, now: number): ReadonlyMap<Endpoint, Waits>;
}

/** Nobody is excused yet. */
export function createExcusedWaits(): ExcusedWaits {
  const until = new Map<string, number>();
  return {
    of(pools, waits, now) {
      const strained = strainedByPool(waits);
      for (const [pool, at] of until) if (at <= now) until.delete(pool);
      const excused = new Map(waits);
      for (const { id, leadsTo, endpoints } of pools) {
        const behindMs = leadsTo.reduce((longest, pool) => Math.max(longest, strained.get(pool) ?? 0), 0);
        for (const endpoint of endpoints) {
          const seen = waits.get(endpoint);
          if (seen === undefined || seen.stuck + seen.stuckStreams === 0) continue;
          if (behindMs >= SHARE * Math.max(seen.oldestWaitMs, seen.oldestSilenceMs)) until.set(id, now + AFTERMATH_MS);
          if (until.has(id))
            excused.set(endpoint, { ...seen, stuck: 0, stuckStreams: 0, isTicketStuck: false, isTicketLate: false });
        }
      }
      return excused;
    },
  };
}

function strainedByPool(waits: ReadonlyMap<Endpoint, Waits>): ReadonlyMap<string, number> {
  const strained = new Map<string, number>();
  for (const [{ evidence }, { strainedMs }] of waits)
    if (strainedMs > 0) strained.set(evidence.pool, Math.max(strained.get(evidence.pool) ?? 0, strainedMs));
  return strained;
}
