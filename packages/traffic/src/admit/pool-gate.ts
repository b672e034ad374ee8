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
  resizeLimit,
  type ConcurrencyBounds,
  type ConcurrencyLimit,
} from "./concurrency-limit.ts";
import { addServed, createShedder, setShedderPace, stopShedding, type Shedder } from "./shedder.ts";

/** The predicted wait that is allowed before anybody is refused: as long as serving takes, between these. */
const LEAST_TARGET_MS = 20;
const MOST_TARGET_MS = 1_000;
/** What one request says of the time that a place is taken. */
const SERVICE_WEIGHT = 0.05;
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
export function leaveGate(gate: PoolGate, tookMs: number | undefined): void {
  gate.inFlight -= 1;
  if (tookMs === undefined) return;
  gate.serviceMs = gate.serviceMs === 0 ? tookMs : gate.serviceMs + (tookMs - gate.serviceMs) * SERVICE_WEIGHT;
  if (gate.shedder.share > 0 || gate.inFlight + 1 >= gate.limit) addServed(gate.shedder);
}

/** A latency was measured: the time to the first token of a stream, or to an answer. */
export function learnLatency(gate: PoolGate, kind: "firstToken" | "answer", latencyMs: number, now: number): void {
  gate.heardAt = now;
  if (now < gate.deafUntil) return;
  if (addLatency(gate[kind], latencyMs, gate.inFlight, now)) refresh(gate);
}

/** The least time in which an answer, or a first token, was usual; 0: not known. */
export function leastLatencyMs({ answer, firstToken }: PoolGate): number {
  const least = Math.min(answer.minimum, answer.earlierMinimum, firstToken.minimum, firstToken.earlierMinimum);
  return least === Number.POSITIVE_INFINITY ? 0 : Math.exp(least);
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
export function paceShedder({ shedder, serviceMs, limit }: PoolGate): void {
  shedder.targetWaitMs = Math.min(MOST_TARGET_MS, Math.max(LEAST_TARGET_MS, serviceMs));
  setShedderPace(shedder, serviceMs, limit);
}

function refresh(gate: PoolGate): void {
  gate.limit = Math.min(currentLimit(gate.firstToken), currentLimit(gate.answer));
}
