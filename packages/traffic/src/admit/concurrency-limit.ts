// How many requests a pool should have in flight, learned from its latency: more than it can work on at once only wait inside it, where
// nobody can order, cancel or place them elsewhere. The limit follows the gradient of the present latency against its long-term minimum
// (Netflix concurrency-limits, Gradient2; Envoy's adaptive concurrency filter). For models the latency is the time to the first token:
// the whole time of a call says how long the answer was.
//
// The minimum is forgotten after a while, because models and machines change; and from time to time the limit is lowered for one window,
// so that the pool empties and the minimum is measured and not guessed (Envoy does the same).
import type { Random } from "@flyball/core";

/** A window ends with this many samples and not before this time … */
const WINDOW_SAMPLES = 30;
const WINDOW_MS = 250;
/** … or, with little traffic, after this time with at least a few. */
const SLOW_WINDOW_MS = 5_000;
const LEAST_SAMPLES = 5;
/** Latency up to this many times the minimum is no queue. */
const TOLERANCE = 1.25;
/** One window changes the limit at most to half. */
const STEEPEST = 0.5;
/** Share of each step that is taken, so that one odd window does little. */
const SMOOTHING = 0.4;
/** A minimum counts for one to two of these. */
const MINIMUM_AGE_MS = 60_000;
const PROBE_EVERY_MS = 30_000;
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

/** The limit of one pool: plain numbers, changed in place. Times are monotonic milliseconds. */
export interface ConcurrencyLimit {
  readonly bounds: ConcurrencyBounds;
  /** Learned; what holds now is `currentLimit`. */
  limit: number;
  /** Minimum latency of this age and of the one before, as natural logarithms of milliseconds. */
  minimum: number;
  earlierMinimum: number;
  minimumSince: number;
  windowSince: number;
  logSum: number;
  samples: number;
  mostInFlight: number;
  isProbing: boolean;
  nextProbeAt: number;
}

/** A limit that has learned nothing. */
export function createConcurrencyLimit(bounds: ConcurrencyBounds, now: number): ConcurrencyLimit {
  return {
    bounds,
    limit: bounds.initial,
    minimum: Number.POSITIVE_INFINITY,
    earlierMinimum: Number.POSITIVE_INFINITY,
    minimumSince: now,
    windowSince: now,
    logSum: 0,
    samples: 0,
    mostInFlight: 0,
    isProbing: false,
    nextProbeAt: now + PROBE_EVERY_MS,
  };
}

/** Requests that may be in flight now: a whole number within the bounds. */
export function currentLimit({ bounds, limit, isProbing }: ConcurrencyLimit): number {
  const now = Math.floor(isProbing ? limit * PROBE_SHARE : limit);
  return Math.min(bounds.maximum, Math.max(bounds.minimum, now));
}

/** One latency was measured while so many requests were in flight. Allocates nothing. */
export function addLatency(
  limit: ConcurrencyLimit,
  sample: { readonly latencyMs: number; readonly inFlight: number },
  now: number,
  random: Random,
): void {
  limit.logSum += Math.log(Math.max(0.01, sample.latencyMs));
  limit.samples += 1;
  if (sample.inFlight > limit.mostInFlight) limit.mostInFlight = sample.inFlight;
  const lastedMs = now - limit.windowSince;
  const isFull = limit.samples >= WINDOW_SAMPLES && lastedMs >= WINDOW_MS;
  if (isFull || (lastedMs >= SLOW_WINDOW_MS && limit.samples >= LEAST_SAMPLES)) endWindow(limit, now, random);
}

/** The pool itself said that it has too much to do. */
export function addRefusal(limit: ConcurrencyLimit): void {
  limit.limit = Math.max(limit.bounds.minimum, limit.limit * REFUSED_SHARE);
}

function endWindow(limit: ConcurrencyLimit, now: number, random: Random): void {
  // The geometric mean: one prompt that is a hundred times longer does not make the window.
  const latency = limit.logSum / limit.samples;
  age(limit, now);
  limit.minimum = Math.min(limit.minimum, latency);
  if (!limit.isProbing) follow(limit, latency);
  limit.isProbing = !limit.isProbing && now >= limit.nextProbeAt;
  if (limit.isProbing) limit.nextProbeAt = now + PROBE_EVERY_MS * (0.85 + 0.3 * random());
  limit.windowSince = now;
  limit.logSum = 0;
  limit.samples = 0;
  limit.mostInFlight = 0;
}

function follow(limit: ConcurrencyLimit, latency: number): void {
  const minimum = Math.min(limit.minimum, limit.earlierMinimum);
  const gradient = Math.min(1, Math.max(STEEPEST, TOLERANCE * Math.exp(minimum - latency)));
  const aim = gradient * limit.limit + Math.sqrt(limit.limit);
  // A limit that nothing comes near to has nothing to learn from growing.
  if (aim > limit.limit && limit.mostInFlight < limit.limit / 2) return;
  const next = limit.limit + (aim - limit.limit) * SMOOTHING;
  limit.limit = Math.min(limit.bounds.maximum, Math.max(limit.bounds.minimum, next));
}

function age(limit: ConcurrencyLimit, now: number): void {
  if (now - limit.minimumSince < MINIMUM_AGE_MS) return;
  limit.earlierMinimum = limit.minimum;
  limit.minimum = Number.POSITIVE_INFINITY;
  limit.minimumSince = now;
}
