// The one place where an attempt ends: its place is given back, the breaker learns, the evidence and the counts grow.
import type { AttemptOutcome } from "@flyball/core";
import {
  breakerAbandoned,
  breakerConnected,
  breakerFailed,
  breakerSucceeded,
  FAULT_MS,
  isProbeOf,
  learnFault,
  leaveGate,
  learnLatency,
  learnRefusal,
  type EjectionCause,
} from "@flyball/traffic";
import { addAttempt } from "../evidence/endpoint-evidence.ts";
import { endBooking, type Booking } from "../schedule/booking.ts";
import { unparkAll } from "../schedule/pool-queue.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { breakersOf } from "./eject.ts";

/** Where an attempt has its place. */
export interface AttemptPlace {
  readonly context: WorkerContext;
  readonly pool: Pool;
  readonly endpoint: Endpoint;
  /** What the breaker gave when the place was taken. */
  readonly ticket: number;
  /** What is reserved in a scheduled pool. */
  readonly booking?: Booking | undefined;
}

/** A place with an attempt on it. */
export interface AttemptInPlace extends AttemptPlace {
  readonly startedAt: number;
  /** It still counts in what the pool may have under way. */
  isInGate: boolean;
}

/** How an attempt ended. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** The connection stood and bytes may have been sent. */
  readonly wasSent: boolean;
  /** The breaker was told already that the answer is good. */
  readonly wasGood: boolean;
  readonly failure?: string | undefined;
}

/** Settles one attempt. To be called exactly once for each place that was taken. */
export function settleAttempt(place: AttemptInPlace, result: AttemptResult): void {
  const { context, pool, endpoint } = place;
  const now = context.clock.monotonic();
  endpoint.ownInFlight -= 1;
  context.inFlight.release(context.workerIndex, endpoint.slot);
  if (place.isInGate) leaveGate(endpoint.gate, result.outcome === "succeeded" ? now - place.startedAt : undefined, now);
  teachBreaker(place, result, now);
  addAttempt(endpoint.evidence, {
    outcome: result.outcome,
    latencyMs: now - place.startedAt,
    at: context.clock.now(),
    failure: result.failure,
  });
  endpoint.attempts[result.outcome].add();
  if (place.booking?.explained) place.booking.explained.outcome = result.outcome;
  endBooking(context.schedule, place.booking);
  if (pool.waitingRoom.size > 0) pool.waitingRoom.wake();
}

/**
 * The headers of a plain response are there. What follows may be an event stream that lasts for hours and costs nothing, so the pool may
 * have another one under way. `isLearning`: the time that it took says something of load.
 */
export function settleHead(place: AttemptInPlace, status: number, isLearning: boolean): void {
  if (!place.isInGate) return;
  place.isInGate = false;
  const { context, pool, endpoint } = place;
  const now = context.clock.monotonic();
  const tookMs = now - place.startedAt;
  if (isLearning && status === 503) learnRefusal(endpoint.gate);
  else if (isLearning && status < 500) learnLatency(endpoint.gate, { kind: "answer", latencyMs: tookMs }, now);
  leaveGate(endpoint.gate, tookMs, now);
  endBooking(context.schedule, place.booking);
  if (pool.waitingRoom.size > 0) pool.waitingRoom.wake();
}

/** A place was taken and nothing is sent after all: it says nothing about the endpoint. */
export function giveBackPlace(place: AttemptPlace): void {
  const { context, pool, endpoint } = place;
  endpoint.ownInFlight -= 1;
  context.inFlight.release(context.workerIndex, endpoint.slot);
  leaveGate(endpoint.gate, undefined, context.clock.monotonic());
  abandon(place, context.clock.monotonic());
  endBooking(context.schedule, place.booking);
  if (pool.waitingRoom.size > 0) pool.waitingRoom.wake();
}

/** A connection to the endpoint was made: a breaker that refusals had opened closes, and who waits may go on. */
export function settleConnected({ context, pool, endpoint, ticket }: AttemptPlace): void {
  if (endpoint.breaker.phase === "closed") return;
  const now = context.clock.monotonic();
  if (breakerConnected(endpoint.breaker, ticket, now)) tellReturn({ context, pool, endpoint }, now);
}

/** The answer is good as far as it is known: a model's first content, or headers without a server's error. */
export function settleGood({ context, pool, endpoint, ticket, startedAt }: AttemptInPlace): void {
  const now = context.clock.monotonic();
  if (pool.queue && endpoint.seat >= 0) pool.queue.latency.observe(endpoint.seat, now - startedAt, now);
  if (breakerSucceeded(endpoint.breaker, ticket, now)) tellReturn({ context, pool, endpoint }, now);
}

function teachBreaker(place: AttemptPlace, result: AttemptResult, now: number): void {
  const { context, pool, endpoint, ticket } = place;
  const { breaker } = endpoint;
  switch (result.outcome) {
    case "succeeded":
      if (!result.wasGood && breakerSucceeded(breaker, ticket, now)) tellReturn(place, now);
      return;
    case "cancelled":
      abandon(place, now);
      return;
    case "refused":
    case "server-error":
    case "reset":
    case "timeout": {
      if (result.outcome === "refused" || result.outcome === "reset") tellFault(context, now);
      const cause: EjectionCause = result.wasSent ? "failing" : "refused";
      const scene = { now, random: context.random, pool: breakersOf(pool) };
      const ejection = breakerFailed(breaker, ticket, cause, scene);
      if (!ejection) return;
      context.probes.rest(endpoint.slot, ejection.until, breaker.pauses);
      pool.metrics.ejections[cause].add();
      context.logger.warn("an endpoint was ejected", { endpoint: endpoint.id, ...ejection });
      return;
    }
    default:
      result.outcome satisfies never;
  }
}

/** It works again: the other workers need not probe it, and who waits may go on. */
function tellReturn({ context, pool, endpoint }: Omit<AttemptPlace, "ticket">, now: number): void {
  context.probes.returned(endpoint.slot, now);
  pool.waitingRoom.wake();
  if (pool.queue) unparkAll(pool.queue);
}

/** Nothing was learned; a probe makes room for another one, in any worker. */
function abandon({ context, endpoint, ticket }: AttemptPlace, now: number): void {
  if (isProbeOf(endpoint.breaker, ticket)) context.probes.release(endpoint.slot);
  breakerAbandoned(endpoint.breaker, ticket, now);
}

/** All pools are told: those that call this one are slow because of it too. Of many faults at once only the first is. */
function tellFault({ gates }: WorkerContext, now: number): void {
  for (const gate of gates) if (gate.deafUntil < now + FAULT_MS / 2) learnFault(gate, now);
}
