// What is done about an endpoint that lets wait: it is suspected or ejected, and what waits there goes elsewhere where it may be sent again. The
// other half, that errors eject, is in settle.ts.
import {
  askBreaker,
  breakerPermission,
  ejectBreaker,
  isIdempotent,
  isProbeOf,
  suspectBreaker,
  unaskBreaker,
  type Breaker,
  type BreakerScene,
} from "@flyball/traffic";
import { moveAll } from "../evidence/running-attempts.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { Exchange } from "./exchange.ts";
import type { AttemptPlace } from "./settle.ts";

/** After this long a silent endpoint is probed by requests too that cannot be sent again: nothing else may come. */
const UNSAFE_PROBE_AFTER_MS = 30_000;

/** What the shared table of probes says of an endpoint that control has asked to leave alone; a week. */
const LONG_MS = 604_800_000;

/** Where an endpoint stands. */
export interface EndpointPlace {
  readonly context: WorkerContext;
  readonly pool: Pool;
  readonly endpoint: Endpoint;
}

/** Ejects it, if others are left; what waits at a silent one is moved. False: nothing was done. */
export function ejectEndpoint({ context, pool, endpoint }: EndpointPlace, cause: "stuck" | "slow"): boolean {
  const ejection = ejectBreaker(endpoint.breaker, cause, sceneOf(context, pool));
  if (ejection === undefined) return false;
  context.probes.rest(endpoint.slot, ejection.until, endpoint.breaker.pauses);
  pool.metrics.ejections[cause].add();
  const { until } = ejection;
  context.logger.warn("an endpoint was ejected", { endpoint: endpoint.id, cause, until });
  if (cause === "stuck") moveAll(endpoint.running, "its endpoint is silent for longer than is usual");
  return true;
}

/** One more request finds out whether it is silent; until then the others go elsewhere. */
export function suspectEndpoint({ context, pool, endpoint }: EndpointPlace): void {
  const scene = sceneOf(context, pool);
  if (suspectBreaker(endpoint.breaker, scene)) context.probes.rest(endpoint.slot, scene.now, endpoint.breaker.pauses);
}

/** Control asks that it be left alone, or does not ask for it any more. */
export function ejectAsAsked({ context, pool, endpoint }: EndpointPlace, isAsked: boolean): void {
  const { breaker, slot } = endpoint;
  const wasAsked = breaker.phase !== "closed" && breaker.cause === "asked";
  if (isAsked === wasAsked) return;
  const now = context.clock.monotonic();
  if (isAsked) {
    askBreaker(breaker, now);
    context.probes.rest(slot, now + LONG_MS, breaker.pauses);
    pool.metrics.ejections.asked.add();
  } else {
    unaskBreaker(breaker, now);
    context.probes.returned(slot, now);
  }
}

/** The probe of an endpoint that was ejected as slow has an answer, and it was slow again: it stays away. */
export function judgeSlowProbe({ context, pool, endpoint, ticket }: AttemptPlace, waitedMs: number): boolean {
  const { breaker, slowMs } = endpoint;
  if (breaker.phase !== "probing" || breaker.cause !== "slow" || waitedMs <= slowMs) return false;
  return isProbeOf(breaker, ticket) && ejectEndpoint({ context, pool, endpoint }, "slow");
}

/**
 * Whether this request may be the one that finds out whether a silent endpoint answers again: it may have to be sent a second time. `undefined`: it
 * is not known which one it will be.
 */
export function mayProbe({ breaker }: Endpoint, exchange: Exchange | undefined, now: number): boolean {
  if (breaker.cause !== "stuck" || breakerPermission(breaker, now) !== "probe") return true;
  if (now - breaker.ejectedAt > UNSAFE_PROBE_AFTER_MS) return true;
  return exchange !== undefined && maySendAgain(exchange);
}

function maySendAgain({ call, method, request, route, pool }: Exchange): boolean {
  if (call !== undefined || isIdempotent(method) || request.headers["idempotency-key"] !== undefined) return true;
  return (route?.retries ?? pool?.retries)?.isUnsafeAllowed === true;
}

function sceneOf({ clock, random }: WorkerContext, pool: Pool): BreakerScene {
  return { now: clock.monotonic(), random, pool: breakersOf(pool) };
}

/** Of all endpoints that get new requests. */
export function breakersOf(pool: Pool): readonly Breaker[] {
  return pool.serving.map(({ breaker }) => breaker);
}
