// How many requests a pool should have in flight, learned from its latency: more than it can work on at once only wait inside it, where
// nobody can order, cancel or place them elsewhere. The limit follows the gradient of the present latency against its long-term minimum
// (Netflix concurrency-limits, Gradient2; Envoy's adaptive concurrency filter). For models the latency is the time to the first token:
// the whole time of a call says how long the answer was.
//
// The minimum is forgotten after a while, because models and machines change; and from time to time a limit that is reached is lowered for
// a moment, so that the pool empties and the minimum is measured and not guessed (Envoy does the same).
//
// A queue that grows is seen in its first windows, and two that agree are enough: then the limit is at once what Little's law says that the
// pool works on, and not halved window by window while what is too much piles up inside. What tokens explain of a latency
// (`token-latency.ts`) is no queue either.
//
// Latencies of real requests differ by orders of magnitude, and the least of many windows lies below their mean by chance alone. What the
// spread inside a window explains is therefore no queue: without that a pool of long and short answers would be throttled for nothing.
import type { Random } from "@flyball/core";
import {
  addToWindow,
  createLatencyWindow,
  seenIn,
  varianceIn,
  type LatencySample,
  type LatencyWindow,
  type SeenLatency,
} from "./latency-window.ts";
import { createTokenLatency, explain, levelOf, tokenPartOf, type TokenLatency } from "./token-latency.ts";

/** A window ends with this many samples and not before this time … */
const WINDOW_SAMPLES = 10;
const WINDOW_MS = 100;
/** … or, with little traffic, after this time with at least a few. */
const SLOW_WINDOW_MS = 5_000;
const LEAST_SAMPLES = 5;
/** The least of many window means lies about three of their standard errors below what is usual, the present one as much above it. */
const CHANCE = 6;
/** One window changes the limit at most to half; one that another one confirms, of work whose capacity is not seen, to a quarter. */
const STEEPEST = 0.5;
const CONFIRMED_STEEPEST = 0.25;
/** Share of each step that is taken, so that one odd window does little; and of one downwards that two windows agree on. */
const SMOOTHING = 0.4;
const CONFIRMED_SMOOTHING = 0.8;
/** Room above what the pool does by Little's law. */
const ROOM = 1.25;
/** A window that is shorter than the places are held, divided by this, is believed less. */
const BELIEVED_PARTS = 2;
/** Latency whose tolerated part is less than this is a queue for sure. What is nearer may be a busy machine: the gradient is enough. */
const CLEAR = 0.8;
/** With so many times the limit in flight what is seen is what came before it. */
const DRAINING = 1.5;
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
  readonly tokens: TokenLatency;
  /** Minimum latency of this age and of the one before, for its own tokens. */
  minimum: SeenLatency | undefined;
  earlierMinimum: SeenLatency | undefined;
  minimumSince: number;
  /** Mean spread of latencies that tokens do not explain, in windows without a queue. */
  spread: number;
  window: LatencyWindow;
  windowSince: number;
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
    tokens: createTokenLatency(),
    minimum: undefined,
    earlierMinimum: undefined,
    minimumSince: now,
    spread: 0,
    window: createLatencyWindow(),
    windowSince: now,
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

/** One latency was measured; true when the limit may be another one now. */
export function addLatency(limit: ConcurrencyLimit, sample: LatencySample, now: number): boolean {
  const { window, tokens, wasSlow, isProbing } = limit;
  addToWindow(window, sample, explain(tokens, sample, !wasSlow));
  const { samples } = window;
  const lastedMs = now - limit.windowSince;
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
  limit.window = createLatencyWindow();
}

/** The least latency that was usual, in milliseconds; 0: not known. */
export function minimumMs({ minimum, earlierMinimum }: ConcurrencyLimit): number {
  const known = [minimum, earlierMinimum].flatMap((seen) => (seen === undefined ? [] : [seen.latency]));
  return known.length === 0 ? 0 : Math.exp(Math.min(...known));
}

/** The pool itself said that it has too much to do. */
export function addRefusal(limit: ConcurrencyLimit): void {
  limit.limit = Math.max(limit.bounds.minimum, limit.limit * REFUSED_SHARE);
}

function endWindow(limit: ConcurrencyLimit, now: number): void {
  const { window, tokens } = limit;
  const seen = seenIn(window);
  age(limit, now);
  if (levelOf(tokens, seen) < levelOf(tokens, limit.minimum)) limit.minimum = seen;
  const isReached = window.mostInFlight >= currentLimit(limit);
  if (!limit.isProbing) follow(limit, seen, now);
  // A limit that nothing reaches holds nobody back; emptying its pool would. And with a queue in the pool nothing can be measured.
  const { isProbing, wasSlow, manners, nextProbeAt } = limit;
  limit.isProbing = !isProbing && !wasSlow && manners.isProbed && isReached && now >= nextProbeAt;
  if (limit.isProbing) limit.nextProbeAt = now + PROBE_EVERY_MS * (0.85 + 0.3 * limit.random());
  limit.windowSince = now;
  limit.window = createLatencyWindow();
}

function follow(limit: ConcurrencyLimit, seen: SeenLatency, now: number): void {
  const { window, tokens, bounds } = limit;
  const { tolerance, slackMs } = limit.manners;
  const { mostInFlight } = window;
  const variance = varianceIn(window);
  // A few samples that happen to be alike say nothing of how far others lie apart.
  const chance = CHANCE * Math.sqrt(Math.max(variance, limit.spread) / window.samples);
  const level = Math.min(levelOf(tokens, limit.minimum), levelOf(tokens, limit.earlierMinimum));
  const usual = level + tokenPartOf(tokens, seen);
  const ratio = (Math.exp(usual + chance) * tolerance + slackMs) / Math.exp(seen.latency);
  // A queue stands with what is in flight, however high the limit is; once may be chance.
  const isConfirmed = ratio < 1 && limit.wasSlow;
  limit.wasSlow = ratio < 1;
  if (!limit.wasSlow) limit.spread += (variance - limit.spread) * SMOOTHING;
  if (isConfirmed) {
    // What is in flight beyond the limit came before it: nothing that it says now is the limit's doing.
    const isDraining = mostInFlight > DRAINING * limit.limit;
    limit.limit = Math.min(limit.limit, Math.max(bounds.minimum, mostInFlight));
    const heldMs = window.heldMs || Math.exp(usual + (chance + limit.spread) / 2);
    const lastedMs = Math.max(1, now - limit.windowSince);
    const enough = Math.max(bounds.minimum, enoughFor((window.samples / lastedMs) * heldMs));
    const isLower = ratio < CLEAR && enough < limit.limit;
    const believed = Math.min(1, Math.max(SMOOTHING, (BELIEVED_PARTS * lastedMs) / heldMs));
    if (isLower) limit.limit += (enough - limit.limit) * (isDraining ? SMOOTHING : believed);
    if (isDraining || isLower) return;
  }
  stepTowards(limit, Math.min(1, Math.max(isConfirmed ? CONFIRMED_STEEPEST : STEEPEST, ratio)), isConfirmed);
}

/** Little's law says how many are worked on: what the pool does, in the time that a place is held without a queue. And some room. */
function enoughFor(workedOn: number): number {
  return workedOn * ROOM + Math.sqrt(workedOn * ROOM);
}

function stepTowards(limit: ConcurrencyLimit, gradient: number, isConfirmed: boolean): void {
  const { bounds, window } = limit;
  const aim = gradient * limit.limit + Math.sqrt(limit.limit);
  // A limit that nothing comes near to has nothing to learn from growing.
  if (aim > limit.limit && window.mostInFlight < limit.limit / 2) return;
  const smoothing = isConfirmed && aim < limit.limit ? CONFIRMED_SMOOTHING : SMOOTHING;
  const next = limit.limit + (aim - limit.limit) * smoothing;
  limit.limit = Math.min(bounds.maximum, Math.max(bounds.minimum, next));
}

function age(limit: ConcurrencyLimit, now: number): void {
  if (now - limit.minimumSince < limit.manners.minimumAgeMs) return;
  limit.earlierMinimum = limit.minimum;
  limit.minimum = undefined;
  limit.minimumSince = now;
}
