// Ten times a second: whether an endpoint is silent while its peers answer. A single request may simply take long, and where few come there is a single
// one; so the endpoint is suspected at first, and the next request finds out. If that one is silent too, for longer than is usual, the endpoint is
// ejected. Where many wait, the main thread sees it from the evidence of all workers (../main/ejector.ts).
import { moveAll, type Waits } from "../evidence/running-attempts.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { ejectEndpoint, suspectEndpoint } from "./eject.ts";

/** Judges the endpoints of a pool; returns those that it has ejected. */
export function judgeWaits(
  context: WorkerContext,
  pool: Pool,
  waits: ReadonlyMap<Endpoint, Waits>,
): readonly Endpoint[] {
  const { serving } = pool;
  if (serving.length < 2) return [];
  const now = context.clock.monotonic();
  return serving.filter((endpoint) => {
    const { breaker, movedAt } = endpoint;
    const seen = waits.get(endpoint);
    const place = { context, pool, endpoint };
    const isProbed = breaker.phase === "probing" && breaker.cause === "stuck";
    // It was found silent before: whoever tries it again is not kept waiting for all that is usual.
    if (isProbed && !breaker.isSuspected && seen?.isTicketLate === true) return ejectEndpoint(place, "stuck");
    if (seen === undefined || seen.stuck + seen.stuckStreams === 0) return false;
    const silentSince = now - seen.leastBoundMs;
    if (movedAt > silentSince) return false;
    // That its peers answer is known of one that is probed, be it from other workers.
    if (isProbed && seen.isTicketStuck) return ejectEndpoint(place, "stuck");
    // No connection can be made to it, and what waits there hears nothing either: its machine is out of reach.
    if (breaker.phase !== "closed" && breaker.cause === "refused") {
      moveAll(endpoint.running, "no connection can be made to its endpoint");
      return false;
    }
    if (serving.some((peer) => peer !== endpoint && answers(peer, silentSince))) suspectEndpoint(place);
    return false;
  });
}

function answers({ breaker, movedAt }: Endpoint, since: number): boolean {
  return breaker.phase === "closed" && movedAt > since;
}
