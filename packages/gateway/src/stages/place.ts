// Which endpoint of a pool gets the next attempt: breakers and cooldowns say who may, the balancer says who is best. A place is taken in
// the same step as it is chosen.
import {
  breakerProbeAt,
  breakerTicket,
  chooseLeastOwnLoad,
  chooseOfTwo,
  enterBreaker,
  enterGate,
  hearOfProbe,
  isGateOpen,
  isGateOpenToWaiting,
  isShedding,
  selectEndpoints,
  slowStartShare,
  type Permission,
} from "@flyball/traffic";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/**
 * A probe that has brought neither content nor an end for this long counts as lost, and another one may go. Longer than most first
 * answers take; a late one still closes the breaker.
 */
const PROBE_LIMIT_MS = 60_000;

/** How soon one who waits looks again while another worker's probe is out. */
const LOOK_AGAIN_MS = 50;

/** The endpoint with a place taken on it, or why there is none. */
export type Placement =
  | { readonly kind: "placed"; readonly endpoint: Endpoint; readonly ticket: number }
  /** As many attempts are under way as the pool does well with, or others wait already. */
  | { readonly kind: "held" }
  /** Every endpoint has as many requests as it may have connections. */
  | { readonly kind: "full" }
  /** None is there, or all were tried and wait for their probe, or all rest. */
  | { readonly kind: "none" };

const HELD: Placement = { kind: "held" };
const FULL: Placement = { kind: "full" };
const NONE: Placement = { kind: "none" };

/** Whether somebody who comes now may be placed at once: nobody waits before him, and there is room. */
export function hasRoom({ clock }: WorkerContext, { gate, waitingRoom }: Pool): boolean {
  if (!isGateOpen(gate) || waitingRoom.size > 0) return false;
  return gate.shedder.share === 0 || !isShedding(gate.shedder, clock.monotonic());
}

/** Places somebody who comes now. Chooses among the serving endpoints; ones in `tried` only when no other is left. */
export function place(context: WorkerContext, pool: Pool, tried: ReadonlySet<Endpoint> | undefined): Placement {
  return hasRoom(context, pool) ? placeInside(context, pool, tried) : HELD;
}

/** Places the first of those who wait. */
export function placeWaiting(context: WorkerContext, pool: Pool): Placement {
  return isGateOpenToWaiting(pool.gate, context.clock.monotonic()) ? placeInside(context, pool, undefined) : HELD;
}

/** Places somebody whom the gate was opened for. */
export function placeInside(context: WorkerContext, pool: Pool, tried: ReadonlySet<Endpoint> | undefined): Placement {
  const candidates = pool.serving;
  if (candidates.length === 0) return NONE;
  const now = context.clock.monotonic();
  let isPlain = tried === undefined || tried.size === 0;
  for (const endpoint of candidates) {
    const { breaker, slot } = endpoint;
    endpoint.inFlight = context.inFlight.total(slot);
    endpoint.weight = endpoint.userWeight * slowStartShare(breaker, now);
    if (breaker.phase !== "closed" || endpoint.ownInFlight >= MAX_CONNECTIONS || context.cooldowns.until(slot) > now) {
      isPlain = false;
    }
  }
  return isPlain ? choose(context, candidates) : placeCarefully(context, candidates, tried);
}

/**
 * Chooses among some endpoints of a pool as if there were no others: an ejected one when all of them are. Whether there is room is not
 * asked: a stream that its client reads already goes on, whoever waits.
 */
export function placeAmong(context: WorkerContext, endpoints: readonly Endpoint[]): Placement {
  for (const endpoint of endpoints) endpoint.inFlight = context.inFlight.total(endpoint.slot);
  return endpoints.length === 0 ? NONE : placeCarefully(context, endpoints, undefined);
}

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

/** When an ejected endpoint of the pool may be probed next, or a resting one asked again; Infinity when all may be asked now. */
export function earliestProbeAt(context: WorkerContext, pool: Pool): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const endpoint of pool.serving) {
    const at = Math.max(probeAt(context, endpoint), context.cooldowns.until(endpoint.slot));
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

function placeCarefully(
  context: WorkerContext,
  candidates: readonly Endpoint[],
  tried: ReadonlySet<Endpoint> | undefined,
): Placement {
  const now = context.clock.monotonic();
  // What asked for a rest gets it, in a panic too: it said itself that it would only refuse.
  const awake = candidates.filter(({ slot }) => context.cooldowns.until(slot) <= now);
  if (awake.length === 0) return NONE;
  const open = awake.filter(({ ownInFlight }) => ownInFlight < MAX_CONNECTIONS);
  if (open.length === 0) return FULL;
  const choices = open.map((endpoint) => ({
    permission: permissionAt(context, endpoint, now),
    wasTried: tried?.has(endpoint) ?? false,
  }));
  const selection = selectEndpoints(choices);
  switch (selection.kind) {
    case "probe": {
      const endpoint = open[selection.index] as Endpoint;
      if (context.probes.begin(endpoint.slot, now, now + PROBE_LIMIT_MS)) return takeAsProbe(context, endpoint, now);
      // Another worker was quicker, and now it is not to be probed.
      return placeCarefully(context, candidates, tried);
    }
    case "choose":
      return choose(
        context,
        selection.indices.map((index) => open[index] as Endpoint),
      );
    case "none": {
      const again = open.filter((_, index) => choices[index]?.permission === "send");
      return choose(context, again);
    }
    default:
      return selection satisfies never;
  }
}

function choose(context: WorkerContext, candidates: readonly Endpoint[]): Placement {
  const index =
    context.workerCount > 1 ? chooseOfTwo(candidates, context.random) : chooseLeastOwnLoad(candidates, context.random);
  const endpoint = candidates[index];
  if (!endpoint || !take(context, endpoint)) return NONE;
  return { kind: "placed", endpoint, ticket: breakerTicket(endpoint.breaker) };
}

function takeAsProbe(context: WorkerContext, endpoint: Endpoint, now: number): Placement {
  if (take(context, endpoint)) {
    return { kind: "placed", endpoint, ticket: enterBreaker(endpoint.breaker, now, PROBE_LIMIT_MS) };
  }
  context.probes.release(endpoint.slot);
  return NONE;
}

function take(context: WorkerContext, endpoint: Endpoint): boolean {
  if (!context.inFlight.acquire(context.workerIndex, endpoint.slot)) return false;
  endpoint.ownInFlight += 1;
  enterGate(endpoint.gate);
  return true;
}
