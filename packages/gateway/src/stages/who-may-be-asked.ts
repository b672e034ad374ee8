// Which endpoints of a pool may be asked now, and when the others may again: what breakers, rests and probes over all workers say. Nothing is
// taken here; `place.ts` does that.
import { breakerProbeAt, hearOfProbe, type Permission } from "@flyball/traffic";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/** How soon one who waits looks again while another worker's probe is out. */
const LOOK_AGAIN_MS = 50;

/** Whether a request may go to the endpoint at once, without being its probe. */
export function isFree(context: WorkerContext, { breaker, ownInFlight, slot }: Endpoint): boolean {
  return (
    breaker.phase === "closed" &&
    ownInFlight < MAX_CONNECTIONS &&
    context.cooldowns.until(slot) <= context.clock.monotonic()
  );
}

/** Whether a request may go to the endpoint: freely, as the one probe over all workers, or not. */
export function permissionAt({ probes }: WorkerContext, { breaker, slot }: Endpoint, now: number): Permission {
  return breaker.phase === "closed" ? "send" : hearOfProbe(breaker, probes.read(slot), now);
}

/** Whether some endpoint that was not tried may be asked, or all are ejected and are asked all the same. */
export function isAnyFree(context: WorkerContext, { serving }: Pool, tried: ReadonlySet<Endpoint>): boolean {
  const now = context.clock.monotonic();
  let isUntried = false;
  for (const endpoint of serving) {
    if (context.cooldowns.until(endpoint.slot) > now || endpoint.ownInFlight >= MAX_CONNECTIONS) continue;
    if (permissionAt(context, endpoint, now) !== "refuse") return true;
    isUntried ||= !tried.has(endpoint);
  }
  return isUntried;
}

/** Whether some endpoint that was not tried may be asked freely. */
export function isAnyUntried(context: WorkerContext, { serving }: Pool, tried: ReadonlySet<Endpoint>): boolean {
  return serving.some((endpoint) => !tried.has(endpoint) && isFree(context, endpoint));
}

/** When an ejected endpoint of the pool may be probed next, or a resting one asked again; Infinity when all may be asked now. */
export function earliestProbeAt(context: WorkerContext, pool: Pool): number {
  const now = context.clock.monotonic();
  let earliest = Number.POSITIVE_INFINITY;
  for (const endpoint of pool.serving) {
    const rest = context.cooldowns.until(endpoint.slot);
    // A rest that is over stands in its cell until the next one.
    const at = Math.max(probeAt(context, endpoint), rest > now ? rest : Number.NEGATIVE_INFINITY);
    if (at !== Number.NEGATIVE_INFINITY && at < earliest) earliest = at;
  }
  return earliest;
}

function probeAt({ probes, clock }: WorkerContext, { breaker, slot }: Endpoint): number {
  const at = breakerProbeAt(breaker);
  if (breaker.phase === "closed") return at;
  const shared = probes.read(slot);
  if (shared.kind === "resting") return Math.max(at, shared.until);
  // The probe of another worker may end at any moment.
  return shared.kind === "probing" ? Math.max(at, clock.monotonic() + LOOK_AGAIN_MS) : at;
}
