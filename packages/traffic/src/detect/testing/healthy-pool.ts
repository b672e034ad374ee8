// A pool that is well, in fake time: requests come and go by chance and the reports of the gateway and the counters of the engine are made of them. A second
// is a step; while an instance pauses a fifth of a second is.
import type { EngineEvidence, PoolLoad, Random, RequestEvidence } from "@flyball/core";
import { addTime, boundMs, createUsualTime, type UsualTime } from "../usual-time.ts";
import type { HealthyKind } from "./healthy-kind.ts";

const DAY_MS = 86_400_000;
const STEP_MS = 1_000;
const FINE_STEP_MS = 200;
const COLD_MS = 10_000;
const COLD_FACTOR = 4;
/** An engine works on so many at once. */
const SLOTS = 16;

interface Running {
  readonly sentAt: number;
  firstAt: number;
  endAt: number;
  /** When its last piece came. */
  pieceAt: number;
  readonly isGood: boolean;
}

interface Place {
  endpoint: string;
  bornAt: number;
  pausedUntil: number;
  running: Running[];
  clump: number;
  progress: number;
}

/** What one step of a pool gives. */
export interface PoolStep {
  readonly at: number;
  readonly requests: readonly RequestEvidence[];
  readonly engines: readonly EngineEvidence[];
  readonly load: PoolLoad;
  /** What is to serve; it stands behind the @ of an endpoint. */
  readonly revision: number;
}

/** A pool with its clock. */
export interface HealthyPool {
  readonly kind: HealthyKind;
  step(): PoolStep;
}

/** A pool of a kind at the beginning of a day. */
export function createHealthyPool(kind: HealthyKind, random: Random): HealthyPool {
  const usual = { first: usualFirst(kind), gap: createUsualTime({ floorMs: 3_000, unknownMs: 15_000 }) };
  const places = Array.from({ length: kind.instances }, (_, ordinal) => newPlace(kind.name, ordinal, 1, 0));
  let now = 0;
  let revision = 1;
  let rollout = kind.instances;
  let limitedUntil = 0;
  let refusedUntil = 0;
  const happens = (aDay: number, ms: number): boolean => random() < (aDay * ms) / DAY_MS;
  const between = (least: number, most: number): number => least + random() * (most - least);
  const beginThings = (ms: number): void => {
    if (kind.limits !== undefined && happens(kind.limits, ms)) limitedUntil = now + between(2_000, 20_000);
    if (kind.refusals !== undefined && happens(kind.refusals, ms)) refusedUntil = now + between(2_000, 5_000);
    if (rollout >= kind.instances && happens(kind.deploys, ms)) {
      revision += 1;
      rollout = 0;
    }
    // One instance each twenty seconds.
    if (rollout < kind.instances && happens(DAY_MS / 20_000, ms)) {
      places[rollout] = newPlace(kind.name, rollout, revision, now);
      rollout += 1;
    }
    for (const place of places) {
      if (kind.pauses !== undefined && happens(kind.pauses.aDay, ms)) {
        pause(place, now, between(kind.pauses.leastMs, kind.pauses.mostMs));
      }
    }
  };
  return {
    kind,
    step() {
      const ms = places.some(({ pausedUntil }) => pausedUntil > now - 2_000) ? FINE_STEP_MS : STEP_MS;
      const from = now;
      beginThings(ms);
      now += ms;
      const arrived = poisson(arrivalsAt(kind, now) * (ms / 1_000), random);
      for (let request = 0; request < arrived; request += 1) {
        const place = places[Math.floor(random() * places.length)] as Place;
        place.running.push(newRequest(kind, place, { from, ms, random }));
      }
      const isLimited = limitedUntil > now;
      const requests = places.map((place) => report(kind, place, { from, to: now, usual, random, isLimited }));
      const refused = refusedUntil > now ? Math.ceil(arrived / 4) : 0;
      const load = loadOf(kind, places, { from, to: now, arrived, refused });
      return { at: now, requests, engines: enginesOf(kind, places, now), load, revision };
    },
  };
}

function newPlace(pool: string, ordinal: number, revision: number, bornAt: number): Place {
  const endpoint = `${pool}/${ordinal}@${revision}`;
  return { endpoint, bornAt, pausedUntil: Number.NEGATIVE_INFINITY, running: [], clump: 0, progress: 1 };
}

function usualFirst({ stream }: HealthyKind): UsualTime {
  return createUsualTime(
    stream === undefined ? { floorMs: 1_000, unknownMs: 60_000 } : { floorMs: 2_000, unknownMs: 30_000 },
  );
}

/** A day's rhythm: ten times as much at noon as at midnight. */
function arrivalsAt({ perSecond }: HealthyKind, now: number): number {
  return perSecond * (0.55 - 0.45 * Math.cos((2 * Math.PI * now) / DAY_MS));
}

function newRequest(kind: HealthyKind, place: Place, step: { from: number; ms: number; random: Random }): Running {
  const { random } = step;
  const sentAt = step.from + random() * step.ms;
  const isLong = kind.long !== undefined && random() < kind.long.share;
  const cold = sentAt - place.bornAt < COLD_MS && place.bornAt > 0 ? COLD_FACTOR : 1;
  const usualMs = kind.firstMs * Math.exp(kind.spread * gaussian(random)) * cold;
  const firstMs = isLong
    ? (kind.long?.leastMs ?? 0) + random() * ((kind.long?.mostMs ?? 0) - (kind.long?.leastMs ?? 0))
    : usualMs;
  if (place.clump === 0 && random() < kind.failures / 2) place.clump = 1 + Math.floor(random() * 3);
  const isGood = place.clump === 0;
  if (!isGood) place.clump -= 1;
  const beginAt = Math.max(sentAt, place.pausedUntil);
  const firstAt = beginAt + firstMs;
  const pieces =
    kind.stream === undefined ? 0 : kind.stream.pieces * Math.exp(0.7 * gaussian(random)) * kind.stream.gapMs;
  return { sentAt, firstAt, endAt: firstAt + (isGood ? pieces : 0), pieceAt: firstAt, isGood };
}

function pause(place: Place, now: number, ms: number): void {
  place.pausedUntil = now + ms;
  for (const each of place.running) {
    if (each.firstAt > now) each.firstAt += ms;
    each.endAt += ms;
  }
}

interface ReportScene {
  readonly from: number;
  readonly to: number;
  readonly usual: { readonly first: UsualTime; readonly gap: UsualTime };
  readonly random: Random;
  readonly isLimited: boolean;
}

function report(kind: HealthyKind, place: Place, scene: ReportScene): RequestEvidence {
  const { from, to, usual, random, isLimited } = scene;
  const sums = { good: 0, bad: 0, latencyMs: 0, first: 0, firstMs: 0, gaps: 0, gapMs: 0, judged: 0, flawed: 0 };
  let standing = { oldestWaitMs: 0, stuck: 0, oldestSilenceMs: 0, stuckStreams: 0 };
  const isPaused = place.pausedUntil > to;
  for (const each of place.running) {
    if (each.firstAt <= to && each.firstAt > from && each.isGood) {
      sums.first += 1;
      sums.firstMs += each.firstAt - each.sentAt;
      addTime(usual.first, each.firstAt - each.sentAt);
      each.pieceAt = each.firstAt;
    }
    if (kind.stream !== undefined && each.isGood && each.firstAt < to && !isPaused) {
      const flowMs = Math.min(to, each.endAt) - Math.max(from, each.firstAt, place.pausedUntil);
      const count = Math.max(0, Math.floor(flowMs / kind.stream.gapMs));
      sums.gaps += count;
      sums.gapMs += count === 0 ? 0 : Math.min(to, each.endAt) - each.pieceAt;
      if (count > 0) {
        addTime(usual.gap, Math.max(kind.stream.gapMs, from - each.pieceAt));
        each.pieceAt = Math.min(to, each.endAt);
      }
    }
    if (each.endAt <= to) {
      sums.latencyMs += each.endAt - each.sentAt;
      if (each.isGood) sums.good += 1;
      else sums.bad += 1;
      if (each.isGood && kind.flaws !== undefined) {
        sums.judged += 1;
        if (random() < kind.flaws) sums.flawed += 1;
      }
    } else {
      standing = stand(standing, each, scene);
    }
  }
  place.running = place.running.filter(({ endAt }) => endAt > to);
  place.progress += sums.gaps + sums.first * 300;
  const limited = isLimited ? sums.good : 0;
  const goodAt = sums.good > 0 ? { lastGoodAt: to - 1 } : {};
  return {
    kind: "requests",
    pool: kind.name,
    endpoint: place.endpoint,
    from,
    to,
    outcomes: { succeeded: sums.good - limited, "server-error": sums.bad },
    inFlight: place.running.length,
    latencySumMs: sums.latencyMs,
    latencyMaxMs: sums.latencyMs,
    ...goodAt,
    ...(sums.bad > 0 ? { firstBadAt: from, lastBadAt: from } : {}),
    ...(sums.first > 0 ? { firstToken: { count: sums.first, sumMs: sums.firstMs, maxMs: sums.firstMs } } : {}),
    ...(sums.gaps > 0 ? { gap: { count: sums.gaps, sumMs: sums.gapMs, maxMs: sums.gapMs } } : {}),
    pieces: sums.gaps + sums.first,
    bytes: 4 * (sums.gaps + sums.first),
    ...standing,
    judged: sums.judged,
    flaws: { loop: sums.flawed },
    rateLimited: limited,
  };
}

type Standing = Required<Pick<RequestEvidence, "oldestWaitMs" | "stuck" | "oldestSilenceMs" | "stuckStreams">>;

function stand(known: Standing, each: Running, { to, usual }: ReportScene): Standing {
  if (each.firstAt > to) {
    const waitMs = to - each.sentAt;
    const stuck = known.stuck + (waitMs > boundMs(usual.first) ? 1 : 0);
    return { ...known, stuck, oldestWaitMs: Math.max(known.oldestWaitMs, waitMs) };
  }
  const silenceMs = to - each.pieceAt;
  const stuckStreams = known.stuckStreams + (silenceMs > boundMs(usual.gap) ? 1 : 0);
  return { ...known, stuckStreams, oldestSilenceMs: Math.max(known.oldestSilenceMs, silenceMs) };
}

function enginesOf(kind: HealthyKind, places: readonly Place[], at: number): readonly EngineEvidence[] {
  if (kind.stream === undefined || kind.name === "provider") return [];
  return places
    .filter(({ running }) => running.length > 0)
    .map(({ endpoint, running, progress, pausedUntil }): EngineEvidence => {
      const counters = { running: Math.min(SLOTS, running.length), waiting: Math.max(0, running.length - SLOTS) };
      // Reading a prompt and thinking are steps too, unless the engine pauses.
      const steps = pausedUntil > at ? 0 : Math.floor(at / 1_000);
      return { kind: "engine", pool: kind.name, endpoint, at, counters: { ...counters, progress: progress + steps } };
    });
}

function loadOf(
  { name }: HealthyKind,
  places: readonly Place[],
  { from, to, arrived, refused }: { from: number; to: number; arrived: number; refused: number },
): PoolLoad {
  const inFlight = places.reduce((sum, { running }) => sum + running.length, 0);
  const still = {
    queued: 0,
    waiting: 0,
    backlog: 0,
    backlogMs: 0,
    capacity: 16 * places.length,
    serving: places.length,
  };
  return { kind: "pool-load", pool: name, gateway: 1, from, to, inFlight, load: inFlight, arrived, refused, ...still };
}

function poisson(mean: number, random: Random): number {
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > least; product *= random()) count += 1;
  return count;
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
