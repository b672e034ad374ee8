// The door in front of a pool: how many attempts of this worker may be under way there at once, and which requests are turned away when
// more come. A record of numbers that is changed in place: while nobody waits, passing it is a comparison and an addition.
//
// Each worker learns the limit of its own share. It sees the latency that all of them cause, so the limits of all fall and rise together,
// and a worker that few connections reach takes no place from the others.
import { PRIORITIES, type Random } from "@flyball/core";
import {
  addLatency,
  addRefusal,
  ANSWER_MANNERS,
  createConcurrencyLimit,
  currentLimit,
  openLimit,
  FIRST_TOKEN_MANNERS,
  minimumMs,
  resizeLimit,
  type ConcurrencyBounds,
  type ConcurrencyLimit,
} from "./concurrency-limit.ts";
import type { LatencySample } from "./latency-window.ts";
import { eachMs, type QueueView } from "./predict-drain.ts";
import { addServed, createShedder, setShedderPace, stopShedding, type Shedder } from "./shedder.ts";

/** A queue that is gone sooner was a burst. */
const PATIENCE_MS = 700;
/** The predicted wait that is allowed before anybody is refused: as long as serving takes, between these. */
const LEAST_TARGET_MS = 20;
const MOST_TARGET_MS = 1_000;
/** What one request says of the time that a place is taken. */
const SERVICE_WEIGHT = 0.05;
/** What a pool finishes is counted over twice the time that serving takes and until so many have ended, in a time between these. */
const RATE_MS = 200;
const RATE_SAMPLES = 10;
const LONGEST_RATE_MS = 2_000;
/** What a count says of what the pool can do: it may have had less to do, not more than it can. */
const RATE_RISE = 1;
const RATE_FALL = 0.2;
/** A full pool out of which nothing was heard for this long lets one more in: a limit that lets nobody in would learn nothing. */
const SILENCE_MS = 2_000;
/** For so long after a fault nothing is learned and nobody is refused: what is slow then is slow because of it, here and in who calls. */
export const FAULT_MS = 10_000;

/** The gate of one pool in one worker. */
export interface PoolGate {
  /** Learned from the first tokens of streams. */
  readonly firstToken: ConcurrencyLimit;
  /** Learned from whole answers, and of plain requests from the time to the headers. */
  readonly answer: ConcurrencyLimit;
  readonly shedder: Shedder;
  /** The lower of both limits as it is now. */
  limit: number;
  /** Attempts under way. */
  inFlight: number;
  /** Mean time that one of them takes a place; 0: not known. */
  serviceMs: number;
  /** The same at the end of the last window without a queue, and of the one before. */
  quietServiceMs: number;
  earlierServiceMs: number;
  /** Attempts that ended, and since when they are counted. */
  left: number;
  leftSince: number;
  /** What the pool was seen to finish in a millisecond before that; 0: not known. */
  servedPerMs: number;
  /** When a latency was last measured, or one was let in above the limit. */
  heardAt: number;
  /** A fault is this fresh; monotonic milliseconds. */
  deafUntil: number;
}

/** A gate that has learned nothing. */
export function createPoolGate(bounds: ConcurrencyBounds, random: Random, now: number): PoolGate {
  return {
    firstToken: createConcurrencyLimit({ bounds, manners: FIRST_TOKEN_MANNERS, random, now }),
    answer: createConcurrencyLimit({ bounds, manners: ANSWER_MANNERS, random, now }),
    shedder: createShedder(PRIORITIES.length, LEAST_TARGET_MS, now),
    limit: Math.max(1, Math.floor(bounds.initial)),
    inFlight: 0,
    serviceMs: 0,
    quietServiceMs: Number.POSITIVE_INFINITY,
    earlierServiceMs: Number.POSITIVE_INFINITY,
    left: 0,
    leftSince: now,
    servedPerMs: 0,
    heardAt: now,
    deafUntil: now,
  };
}

/** The pool has other endpoints now. */
export function resizeGate(gate: PoolGate, bounds: ConcurrencyBounds): void {
  resizeLimit(gate.firstToken, bounds);
  resizeLimit(gate.answer, bounds);
  refresh(gate);
}

/** Whether another attempt may begin. */
export function isGateOpen(gate: PoolGate): boolean {
  return gate.inFlight < gate.limit;
}

/** The same for the first of those who wait, which gets in after a silence too. */
export function isGateOpenToWaiting(gate: PoolGate, now: number): boolean {
  if (gate.inFlight < gate.limit) return true;
  if (now - gate.heardAt < SILENCE_MS) return false;
  gate.heardAt = now;
  return true;
}

/** An attempt begins. Each is ended by exactly one `leaveGate`. */
export function enterGate(gate: PoolGate): void {
  gate.inFlight += 1;
}

/** It has ended after this time; undefined: nothing was sent. */
export function leaveGate(gate: PoolGate, tookMs: number | undefined, now: number): void {
  gate.inFlight -= 1;
  if (tookMs === undefined) return;
  countLeft(gate, now);
  // While a queue stands in the pool, what is longer than usual is the wait there.
  const isQueue = gate.answer.wasSlow || gate.firstToken.wasSlow || gate.inFlight > gate.limit;
  if (gate.serviceMs === 0) gate.serviceMs = tookMs;
  else if (tookMs < gate.serviceMs || !isQueue) gate.serviceMs += (tookMs - gate.serviceMs) * SERVICE_WEIGHT;
  if (gate.shedder.share > 0 || gate.inFlight + 1 >= gate.limit) addServed(gate.shedder);
}

/** The queue in front of the gate, for what is predicted of it. */
export function queueBefore(gate: PoolGate, queued: number): QueueView {
  const { serviceMs, limit, servedPerMs, inFlight, answer, firstToken } = gate;
  const surplus = Math.max(0, inFlight - limit);
  const isQueue = surplus > 0 || answer.wasSlow || firstToken.wasSlow;
  return { queued, surplus, serviceMs, concurrency: limit, servedPerMs: isQueue ? servedPerMs : 0 };
}

function countLeft(gate: PoolGate, now: number): void {
  gate.left += 1;
  const lastedMs = now - gate.leftSince;
  const leastMs = Math.min(LONGEST_RATE_MS, Math.max(RATE_MS, 2 * gate.serviceMs));
  if (lastedMs < leastMs || (gate.left < RATE_SAMPLES && lastedMs < LONGEST_RATE_MS)) return;
  const perMs = gate.left / lastedMs;
  const weight = perMs > gate.servedPerMs ? RATE_RISE : RATE_FALL;
  gate.servedPerMs += (perMs - gate.servedPerMs) * weight;
  gate.left = 0;
  gate.leftSince = now;
}

/** What was measured: the time to the first token of a stream, or to an answer. */
export interface MeasuredLatency extends Omit<LatencySample, "inFlight" | "heldMs"> {
  readonly kind: "firstToken" | "answer";
}

/** A latency was measured. */
export function learnLatency(gate: PoolGate, measured: MeasuredLatency, now: number): void {
  gate.heardAt = now;
  if (now < gate.deafUntil) return;
  const heldMs = Math.min(gate.serviceMs, gate.earlierServiceMs);
  const limit = gate[measured.kind];
  const wasSlow = limit.wasSlow;
  const { latencyMs, promptTokens, outputTokens } = measured;
  const sample = { latencyMs, promptTokens, outputTokens, heldMs, inFlight: gate.inFlight };
  if (!addLatency(limit, sample, now)) return;
  if (limit.wasSlow) {
    // A queue was there before it was seen: what took long then says nothing of the service.
    if (!wasSlow) gate.serviceMs = Math.min(gate.serviceMs, gate.earlierServiceMs);
  } else {
    gate.earlierServiceMs = gate.quietServiceMs;
    gate.quietServiceMs = gate.serviceMs;
  }
  refresh(gate);
}

/** The least time in which an answer, or a first token, was usual; 0: not known. */
export function leastLatencyMs({ answer, firstToken }: PoolGate): number {
  const known = [minimumMs(answer), minimumMs(firstToken)].filter((ms) => ms > 0);
  return known.length === 0 ? 0 : Math.min(...known);
}

/** The pool itself said that it has too much to do. */
export function learnRefusal(gate: PoolGate): void {
  addRefusal(gate.answer);
  addRefusal(gate.firstToken);
  refresh(gate);
}

/** An instance went down, of this pool or of one that it calls: no overload. What was learned of load is forgotten. */
export function learnFault(gate: PoolGate, now: number): void {
  gate.deafUntil = now + FAULT_MS;
  openLimit(gate.firstToken);
  openLimit(gate.answer);
  stopShedding(gate.shedder, now);
  refresh(gate);
}

/** Before the shedder is asked: the wait that it allows, and the time over which it counts. */
export function paceShedder(gate: PoolGate): void {
  const { shedder, serviceMs } = gate;
  shedder.targetWaitMs = Math.min(MOST_TARGET_MS, Math.max(LEAST_TARGET_MS, serviceMs));
  shedder.patienceMs = PATIENCE_MS;
  setShedderPace(shedder, eachMs(queueBefore(gate, 0)), 1);
}

function refresh(gate: PoolGate): void {
  gate.limit = Math.min(currentLimit(gate.firstToken), currentLimit(gate.answer));
}
