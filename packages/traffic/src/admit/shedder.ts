// Which requests are refused when more come than can be served. Refusing by chance fails everybody a little; here the lowest class goes
// first, and within a class it is the same keys for a minute, so that some have a service and not all have a broken one (DAGOR, Zhou et
// al. 2018; Uber's Cinnamon). Keys fall into sixteen cohorts; a cohort is in or out, and only the one at the edge is in by chance, so the
// share is right even when a single key makes all the load.
//
// How much is refused follows from rates: what comes, against what was served when a queue last stood, for only then is it the capacity
// that is seen. It is corrected by the length of the queue until the predicted wait is at its target. Rates are those of a time in which
// some requests are served: what takes ten seconds is counted over longer than what takes ten milliseconds.
import type { Random } from "@flyball/core";

const COHORTS = 16;
/** Rates are those of about this time, or of as long as so many requests take, up to a bound. */
const LEAST_MEMORY_MS = 500;
const MOST_MEMORY_MS = 30_000;
const MEMORY_REQUESTS = 20;
/** Parts of that memory: when all is looked at anew, and within what time the share follows what it should be. */
const UPDATE_PART = 0.1;
const FOLLOW_PART = 0.3;
/** What nobody asked for this many memories is forgotten. */
const FORGET_PARTS = 4;
/** While no queue stands the capacity may be higher than it was seen: so much more of it is tried in one memory. */
const CAPACITY_GROWTH = 0.5;
/** Share of the target from which on a queue stands. */
const STANDING = 0.5;
const MOST = 0.99;
/** The most that a queue above its target adds to the share, and one below takes off. */
const MOST_CORRECTION = 0.25;
const CORRECTION = 0.1;
/** Other keys are at the edge after this time. */
const TURN_MS = 60_000;

/** The shedder of one pool: plain numbers, changed in place. Classes are numbered from 0, the lowest. */
export interface Shedder {
  readonly classes: number;
  /** The predicted wait that it allows. */
  targetWaitMs: number;
  /** Nobody is refused before a queue has stood for so long: what is over by then was a burst. */
  patienceMs: number;
  /** Since when the wait is above what is allowed; undefined: it is not. */
  standsSince: number | undefined;
  /** When it was asked last. */
  askedAt: number;
  /** Rates are those of about this time. */
  memoryMs: number;
  /** Arrivals by class and cohort, fading. */
  readonly arrived: Float64Array;
  /** Chance of being refused, by class and cohort. */
  readonly refused: Float64Array;
  served: number;
  /** What was served in the time of the rates when a queue last stood; Infinity before. */
  capacity: number;
  /** Share of what arrives that is refused (0–1). */
  share: number;
  updatedAt: number;
}

/** A shedder that lets everything in. `targetWaitMs` is the predicted wait that it allows. */
export function createShedder(classes: number, targetWaitMs: number, now: number): Shedder {
  return {
    classes,
    targetWaitMs,
    patienceMs: 0,
    standsSince: undefined,
    askedAt: now,
    memoryMs: LEAST_MEMORY_MS,
    arrived: new Float64Array(classes * COHORTS),
    refused: new Float64Array(classes * COHORTS),
    served: 0,
    capacity: Number.POSITIVE_INFINITY,
    share: 0,
    updatedAt: now,
  };
}

/** Requests take so long (mean), so many at once: rates are counted over a time in which some are served. */
export function setShedderPace(shedder: Shedder, serviceMs: number, concurrency: number): void {
  const memoryMs = (MEMORY_REQUESTS * serviceMs) / Math.max(1, concurrency);
  shedder.memoryMs = Math.min(MOST_MEMORY_MS, Math.max(LEAST_MEMORY_MS, memoryMs));
}

/** The cohort of a key, to be kept with the key. */
export function cohortOf(key: string): number {
  // FNV-1a; the low bits of the product are well mixed.
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) & (COHORTS - 1);
}

/** Whether anybody is refused now. What nobody was asked about for long does not count. */
export function isShedding(shedder: Shedder, now: number): boolean {
  return shedder.share > 0 && now - shedder.updatedAt < FORGET_PARTS * shedder.memoryMs;
}

/** A request arrived; whether it is to be refused. `waitMs` is the predicted wait of the queue. Allocates nothing. */
export function isShed(
  shedder: Shedder,
  request: { readonly class: number; readonly cohort: number; readonly waitMs: number },
  now: number,
  random: Random,
): boolean {
  const cell = request.class * COHORTS + request.cohort;
  const passedMs = now - shedder.updatedAt;
  if (passedMs >= FORGET_PARTS * shedder.memoryMs) stopShedding(shedder, now);
  // Nobody asks while there is room. Where serving is slow they ask seldom all the same.
  if (now - shedder.askedAt > Math.max(shedder.patienceMs, shedder.memoryMs) / 2) shedder.standsSince = undefined;
  shedder.askedAt = now;
  shedder.arrived[cell] = (shedder.arrived[cell] ?? 0) + 1;
  if (passedMs >= UPDATE_PART * shedder.memoryMs) update(shedder, request.waitMs, now);
  const chance = shedder.refused[cell] ?? 0;
  return chance >= 1 || (chance > 0 && random() < chance);
}

/** A request was served. */
export function addServed(shedder: Shedder): void {
  shedder.served += 1;
}

/** Forgets all: nobody asked for long, or what was learned says nothing about now. */
export function stopShedding(shedder: Shedder, now: number): void {
  shedder.arrived.fill(0);
  shedder.refused.fill(0);
  shedder.served = 0;
  shedder.capacity = Number.POSITIVE_INFINITY;
  shedder.share = 0;
  shedder.standsSince = undefined;
  shedder.updatedAt = now;
}

function update(shedder: Shedder, waitMs: number, now: number): void {
  const { arrived, targetWaitMs, memoryMs } = shedder;
  const passedMs = now - shedder.updatedAt;
  shedder.updatedAt = now;
  let total = 0;
  for (const cell of arrived) total += cell;
  if (waitMs > targetWaitMs * STANDING) shedder.capacity = shedder.served;
  else shedder.capacity = Math.max(shedder.capacity * (1 + (CAPACITY_GROWTH * passedMs) / memoryMs), shedder.served);
  const excess = Math.max(0, 1 - shedder.capacity / Math.max(1, total));
  const correction = CORRECTION * (waitMs / targetWaitMs - 1);
  const bounded = Math.min(MOST_CORRECTION, Math.max(-MOST_CORRECTION, correction));
  if (waitMs <= targetWaitMs) shedder.standsSince = undefined;
  else shedder.standsSince ??= now;
  const isStanding = shedder.standsSince !== undefined && now - shedder.standsSince >= shedder.patienceMs;
  // Without a queue nothing has to be refused, however little was served, and of one that is being worked off nothing either; what is refused
  // already is given up step by step.
  const isTooMuch = excess > 0 || bounded < 0;
  const aim =
    (isStanding && excess > 0) || (shedder.share > 0 && isTooMuch) ? Math.min(MOST, Math.max(0, excess + bounded)) : 0;
  shedder.share += (aim - shedder.share) * Math.min(1, passedMs / (FOLLOW_PART * memoryMs));
  if (shedder.share < 0.005) shedder.share = 0;
  spread(shedder, total, now);
  const kept = Math.exp(-passedMs / memoryMs);
  for (let cell = 0; cell < arrived.length; cell += 1) arrived[cell] = (arrived[cell] ?? 0) * kept;
  shedder.served *= kept;
}

/** Gives the share to classes and cohorts in their order, the lowest class first. */
function spread(shedder: Shedder, total: number, now: number): void {
  const { arrived, refused } = shedder;
  const turn = Math.floor(now / TURN_MS) * 5;
  let left = shedder.share * total;
  for (let at = 0; at < arrived.length; at += 1) {
    const inClass = at % COHORTS;
    const cell = at - inClass + ((inClass + turn) % COHORTS);
    const load = arrived[cell] ?? 0;
    refused[cell] = left <= 0 ? 0 : left >= load ? 1 : left / load;
    left -= load;
  }
}
