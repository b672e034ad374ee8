// How many requests a pool should have in flight, learned from its latency: more than it can work on at once only wait inside it, where
// nobody can order, cancel or place them elsewhere. The limit follows the gradient of the present latency against its long-term minimum
// (Netflix concurrency-limits, Gradient2; Envoy's adaptive concurrency filter). For models the latency is the time to the first token:
// the whole time of a call says how long the answer was.
//
// The minimum is forgotten after a while, because models and machines change; and from time to time a limit that is reached is lowered for
// a moment, so that the pool empties and the minimum is measured and not guessed (Envoy does the same).
//
// Latencies of real requests differ by orders of magnitude, and the least of many windows lies below their mean by chance alone. What the
// spread inside a window explains is therefore no queue: without that a pool of long and short answers would be throttled for nothing.
import type { Random } from "@flyball/core";

/** A window ends with this many samples and not before this time … */
const WINDOW_SAMPLES = 30;
const WINDOW_MS = 250;
/** … or, with little traffic, after this time with at least a few. */
const SLOW_WINDOW_MS = 5_000;
const LEAST_SAMPLES = 5;
/** The least of many window means lies about three of their standard errors below what is usual, the present one as much above it. */
const CHANCE = 6;
/** One window changes the limit at most to half. */
const STEEPEST = 0.5;
/** Share of each step that is taken, so that one odd window does little; and of one downwards that two windows agree on. */
const SMOOTHING = 0.4;
const CONFIRMED_SMOOTHING = 0.8;
const PROBE_EVERY_MS = 30_000;
/** A probe ends with the least samples after this time: nobody should wait longer for a measurement. */
const PROBE_MS = 500;
/** Share of the limit that a probe leaves: below the capacity even when the limit has drifted above it. */
const PROBE_SHARE = 0.25;
/** What a refusal by the pool itself (503, 529) leaves. */
const REFUSED_SHARE = 0.9;

/** Bounds of a limit; `initial` is where it begins. */
export interface ConcurrencyBounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
}

/** What latency means for a kind of work. */
export interface LatencyManners {
  /** Latency up to this many times the minimum is no queue. */
  readonly tolerance: number;
  /** Latency up to so much above the minimum is none either: nobody suffers from it, and a busy machine alone makes as much. */
  readonly slackMs: number;
  /** A minimum counts for one to two of these. */
  readonly minimumAgeMs: number;
  /**
   * A place is free once its latency is measured, so a lower limit empties the pool at once. Not so for streams: they hold their places
   * long after the first token, and a probe would hold new ones back for minutes.
   */
  readonly isProbed: boolean;
}

/** Requests whose latency is the time that they hold a place. */
export const ANSWER_MANNERS: LatencyManners = { tolerance: 1.25, slackMs: 50, minimumAgeMs: 60_000, isProbed: true };

/** Streams, by the time to their first token. An engine that batches gains from more requests at once long after that has begun to grow. */
export const FIRST_TOKEN_MANNERS: LatencyManners = {
  tolerance: 2,
  slackMs: 100,
  minimumAgeMs: 600_000,
  isProbed: false,
};

/** The limit of one pool: plain numbers, changed in place. Times are monotonic milliseconds. */
export interface ConcurrencyLimit {
  bounds: ConcurrencyBounds;
  readonly manners: LatencyManners;
  readonly random: Random;
  /** Learned; what holds now is `currentLimit`. */
  limit: number;
  /** Minimum latency of this age and of the one before, as natural logarithms of milliseconds. */
  minimum: number;
  earlierMinimum: number;
  minimumSince: number;
  windowSince: number;
  logSum: number;
  logSquares: number;
  samples: number;
  mostInFlight: number;
  /** The window before saw a queue. */
  wasSlow: boolean;
  isProbing: boolean;
  nextProbeAt: number;
}

/** What a limit is made with. */
export interface ConcurrencyLimitOptions {
  readonly bounds: ConcurrencyBounds;
  readonly manners: LatencyManners;
  readonly random: Random;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** A limit that has learned nothing. */
export function createConcurrencyLimit({ bounds, manners, random, now }: ConcurrencyLimitOptions): ConcurrencyLimit {
  return {
    bounds,
    manners,
    random,
    limit: bounds.initial,
    minimum: Number.POSITIVE_INFINITY,
    earlierMinimum: Number.POSITIVE_INFINITY,
    minimumSince: now,
    windowSince: now,
    logSum: 0,
    logSquares: 0,
    samples: 0,
    mostInFlight: 0,
    wasSlow: false,
    isProbing: false,
    nextProbeAt: now,
  };
}

/** Requests that may be in flight now: a whole number within the bounds. */
export function currentLimit({ bounds, limit, isProbing }: ConcurrencyLimit): number {
  const now = Math.floor(isProbing ? limit * PROBE_SHARE : limit);
  return Math.min(bounds.maximum, Math.max(bounds.minimum, now));
}

/** The pool grew or shrank: what was learned of its size goes with it. */
export function resizeLimit(limit: ConcurrencyLimit, bounds: ConcurrencyBounds): void {
  // One that holds nobody back goes on so; a pool that had no endpoint yet is one of those.
  const isOpen = limit.limit >= limit.bounds.maximum;
  const learned = isOpen ? bounds.maximum : (limit.limit * bounds.maximum) / limit.bounds.maximum;
  limit.bounds = bounds;
  limit.limit = Math.min(bounds.maximum, Math.max(bounds.minimum, learned));
}

/** One latency was measured while so many requests were in flight; true when the limit may be another one now. Allocates nothing. */
export function addLatency(limit: ConcurrencyLimit, latencyMs: number, inFlight: number, now: number): boolean {
  const latency = Math.log(Math.max(0.01, latencyMs));
  limit.logSum += latency;
  limit.logSquares += latency * latency;
  limit.samples += 1;
  if (inFlight > limit.mostInFlight) limit.mostInFlight = inFlight;
  const lastedMs = now - limit.windowSince;
  const { samples, isProbing } = limit;
  const isOver =
    (samples >= WINDOW_SAMPLES && lastedMs >= WINDOW_MS) ||
    (samples >= LEAST_SAMPLES && lastedMs >= (isProbing ? PROBE_MS : SLOW_WINDOW_MS));
  if (isOver) endWindow(limit, now);
  return isOver;
}

/** Holds nobody back, until latencies say otherwise. */
export function openLimit(limit: ConcurrencyLimit): void {
  limit.limit = limit.bounds.maximum;
  limit.isProbing = false;
  limit.wasSlow = false;
  limit.logSum = 0;
  limit.logSquares = 0;
  limit.samples = 0;
  limit.mostInFlight = 0;
}

/** The pool itself said that it has too much to do. */
export function addRefusal(limit: ConcurrencyLimit): void {
  limit.limit = Math.max(limit.bounds.minimum, limit.limit * REFUSED_SHARE);
}

function endWindow(limit: ConcurrencyLimit, now: number): void {
  // The geometric mean: one prompt that is a hundred times longer does not make the window.
  const latency = limit.logSum / limit.samples;
  const variance = Math.max(0, limit.logSquares / limit.samples - latency * latency);
  age(limit, now);
  limit.minimum = Math.min(limit.minimum, latency);
  const isReached = limit.mostInFlight >= currentLimit(limit);
  if (!limit.isProbing) follow(limit, latency, CHANCE * Math.sqrt(variance / limit.samples));
  // A limit that nothing reaches holds nobody back; emptying its pool would.
  limit.isProbing = !limit.isProbing && limit.manners.isProbed && isReached && now >= limit.nextProbeAt;
  if (limit.isProbing) limit.nextProbeAt = now + PROBE_EVERY_MS * (0.85 + 0.3 * limit.random());
  limit.windowSince = now;
  limit.logSum = 0;
  limit.logSquares = 0;
  limit.samples = 0;
  limit.mostInFlight = 0;
}

function follow(limit: ConcurrencyLimit, latency: number, chance: number): void {
  const { tolerance, slackMs } = limit.manners;
  const minimum = Math.min(limit.minimum, limit.earlierMinimum);
  const expectedMs = Math.exp(minimum + chance) * tolerance + slackMs;
  const gradient = Math.min(1, Math.max(STEEPEST, expectedMs / Math.exp(latency)));
  // A queue stands with what is in flight, however high the limit is; once may be chance.
  const isConfirmed = gradient < 1 && limit.wasSlow;
  limit.wasSlow = gradient < 1;
  if (isConfirmed) limit.limit = Math.min(limit.limit, Math.max(limit.bounds.minimum, limit.mostInFlight));
  const aim = gradient * limit.limit + Math.sqrt(limit.limit);
  // A limit that nothing comes near to has nothing to learn from growing.
  if (aim > limit.limit && limit.mostInFlight < limit.limit / 2) return;
  const smoothing = isConfirmed && aim < limit.limit ? CONFIRMED_SMOOTHING : SMOOTHING;
  const next = limit.limit + (aim - limit.limit) * smoothing;
  limit.limit = Math.min(limit.bounds.maximum, Math.max(limit.bounds.minimum, next));
}

function age(limit: ConcurrencyLimit, now: number): void {
  if (now - limit.minimumSince < limit.manners.minimumAgeMs) return;
  limit.earlierMinimum = limit.minimum;
  limit.minimum = Number.POSITIVE_INFINITY;
  limit.minimumSince = now;
}
