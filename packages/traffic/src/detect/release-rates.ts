// Whether failures of one kind (errors, flaws of answers) come more often from a new revision than from the old one: a sequential test, request by
// request, against the old one's rate, and when it is enough the question whether something shared did it.
//
// Shared is what the old revision suffers from at the same time. Where nothing of it serves any more, what it did before is the measure, and then only
// a fault that began with the new revision counts, for later there are other causes. Failures of services that are well come in clumps, so each says as
// much less as clumps are usual here, and the failures must be six at least, in three different seconds. And a revision is not one of its instances: where
// the others do well, it is that instance's matter.
import { compareWithPeers, type FailureShare } from "../breaker/peer-comparison.ts";

/** How far from the old revision's rate to certain failure the alternatives lie. */
const SHARES = [0.5, 0.15, 0.04] as const;
/** Log odds at which the evidence is enough, from which the revision is under suspicion, and that are kept at most. */
const THRESHOLD = 12;
const SUSPICION = 4;
const MOST_ODDS = 18;
const LEAST_FAILED = 6;
const LEAST_SECONDS = 3;
/** Rates below count as this much; where nothing is known of before: a guess, and how many results it is worth. */
const LEAST_RATE = 0.003;
const GUESS = 0.01;
const GUESS_WEIGHT = 100;
const GUESSED_CLUMP = 1.2;
/** Results of before count as so many at most: the days differ. */
const MOST_PAST = 500;
/** It is compared as with one of so many peers: it was another time, so the difference must be clearer. */
const PAST_PEERS = 7;
/** Fewer results of the old one beside it are no measure. */
const LEAST_OLD = 3;
/** What begins later than this after the new revision did is not told from before and after. */
const PAST_MS = 300_000;
/** The old one answers nobody any more when it has not for so long. */
const GONE_MS = 1_500;
/** Of another instance so many failures would be expected, and so many of them are few. */
const EXPECTED_ELSEWHERE = 3;
const FEW = 0.2;
const LEAST_OF_INSTANCE = 5;
const MOST_INSTANCES = 1_000;
const SECOND_MS = 1_000;

interface Counts {
  failed: number;
  total: number;
}

/** What the old revision did before the new one came. */
export interface ReleasePast {
  readonly failureRate: number;
  /** How many results it is known from. */
  readonly results: number;
  /** How many failures stand together as a rule. */
  readonly clumpSize: number;
}

/** One kind of failure of both revisions: plain numbers, changed in place. */
export interface ReleaseRates {
  readonly began: number;
  readonly past: ReleasePast | undefined;
  readonly odds: [number, number, number];
  readonly fresh: Counts;
  readonly old: Counts;
  /** Since the new one came under suspicion: of its instances, and of the old one. */
  readonly freshSince: Map<string, Counts>;
  readonly oldSince: Counts;
  /** Different seconds with failures since then, and the last of them. */
  seconds: number;
  lastSecond: number;
  firstBad: number;
  /** When the old one had results last. */
  oldAt: number;
  isWorse: boolean;
}

/** Results of one report. */
export interface ReleaseResults {
  readonly endpoint: string;
  readonly isNew: boolean;
  readonly good: number;
  readonly bad: number;
  readonly at: number;
  /** When the first bad one was. */
  readonly badAt: number;
}

/** Nothing seen of the new revision yet. */
export function createReleaseRates(began: number, past: ReleasePast | undefined): ReleaseRates {
  const counts = (): Counts => ({ failed: 0, total: 0 });
  return {
    began,
    past,
    odds: [0, 0, 0],
    fresh: counts(),
    old: counts(),
    freshSince: new Map(),
    oldSince: counts(),
    seconds: 0,
    lastSecond: Number.NEGATIVE_INFINITY,
    firstBad: began,
    oldAt: began,
    isWorse: false,
  };
}

/** Adds results, in any order of old and new. */
export function addReleaseResults(
  rates: ReleaseRates,
  { endpoint, isNew, good, bad, at, badAt }: ReleaseResults,
): void {
  if (!isNew) {
    for (const counts of [rates.old, rates.oldSince]) add(counts, good, bad);
    if (good + bad > 0) rates.oldAt = at;
    return;
  }
  if (isAtRest(rates) && bad > 0) beginSuspicion(rates, badAt);
  add(rates.fresh, good, bad);
  weigh(rates, good, bad);
  if (isAtRest(rates)) {
    rates.isWorse = false;
    return;
  }
  add(countsOf(rates.freshSince, endpoint), good, bad);
  if (bad > 0 && at - rates.lastSecond >= SECOND_MS) {
    rates.seconds += 1;
    rates.lastSecond = at;
  }
  if (rates.isWorse || Math.max(...rates.odds) < THRESHOLD || rates.seconds < LEAST_SECONDS) return;
  const own = sumOf(rates.freshSince.values());
  if (own.failed >= LEAST_FAILED && !isOfOneInstance(rates.freshSince)) rates.isWorse = isWorseThanOld(rates, own, at);
}

/** It may turn out to be the release within a moment: too early to say whose fault it is. */
export function isReleaseSuspected({ odds, isWorse }: ReleaseRates): boolean {
  return !isWorse && Math.max(...odds) >= SUSPICION;
}

function isAtRest({ odds }: ReleaseRates): boolean {
  return odds.every((each) => each === 0);
}

function beginSuspicion(rates: ReleaseRates, at: number): void {
  rates.freshSince.clear();
  Object.assign(rates.oldSince, { failed: 0, total: 0 });
  Object.assign(rates, { seconds: 0, lastSecond: Number.NEGATIVE_INFINITY, firstBad: at });
}

function weigh(rates: ReleaseRates, good: number, bad: number): void {
  const base = usualRate(rates);
  for (const [place, share] of SHARES.entries()) {
    const failure = Math.log((base + (1 - base) * share) / base) / clumpOf(rates);
    // Their order within the report is not known: the good ones are taken to come first.
    const odds = Math.max(0, (rates.odds[place] as number) + good * Math.log(1 - share)) + bad * failure;
    rates.odds[place] = Math.min(MOST_ODDS, odds);
  }
}

function usualRate({ old, past }: ReleaseRates): number {
  const known = past ?? { failureRate: GUESS, results: GUESS_WEIGHT };
  const weight = Math.min(MOST_PAST, known.results);
  return Math.max(LEAST_RATE, (old.failed + known.failureRate * weight) / (old.total + weight));
}

/** How many failures are as good as one that stands alone: by the mean size of clumps, were their sizes geometric. */
function clumpOf({ past }: ReleaseRates): number {
  return Math.max(1, 2 * (past?.clumpSize ?? GUESSED_CLUMP) - 1);
}

function isOfOneInstance(instances: ReadonlyMap<string, FailureShare>): boolean {
  const rateOf = ({ failed, total }: FailureShare): number => failed / Math.max(1, total);
  const known = [...instances.values()].filter(({ total }) => total >= LEAST_OF_INSTANCE);
  const [worst] = known.toSorted((a, b) => rateOf(b) - rateOf(a));
  if (worst === undefined) return false;
  const others = sumOf([...instances.values()].filter((each) => each !== worst));
  const expected = others.total * rateOf(worst);
  return expected >= EXPECTED_ELSEWHERE && others.failed < FEW * expected;
}

function isWorseThanOld(rates: ReleaseRates, all: FailureShare, at: number): boolean {
  const { oldSince, oldAt, past, firstBad, began } = rates;
  const clump = clumpOf(rates);
  const base = usualRate(rates);
  const own = scaled(all, 1 / clump);
  const beside = scaled(oldSince, 1 / clump);
  // The question is asked again at each failure, so it must be answered as for an endpoint that was like its peers before.
  const scene = { usualRate: base, wasAlike: true, areWell: true, peerCount: 1 };
  const verdict = beside.total < LEAST_OLD ? "unclear" : compareWithPeers(own, beside, scene);
  if (verdict !== "unclear") return verdict === "worse";
  const doesOldFail = oldSince.failed > 1 + base * oldSince.total;
  if (past === undefined || doesOldFail || at - oldAt < GONE_MS || firstBad - began > PAST_MS) return false;
  const weight = Math.min(MOST_PAST, past.results) / clump;
  const before = { failed: beside.failed + past.failureRate * weight, total: beside.total + weight };
  return compareWithPeers(own, before, { ...scene, peerCount: PAST_PEERS }) === "worse";
}

function countsOf(instances: Map<string, Counts>, endpoint: string): Counts {
  const key = instances.size < MOST_INSTANCES || instances.has(endpoint) ? endpoint : "";
  const known = instances.get(key) ?? { failed: 0, total: 0 };
  instances.set(key, known);
  return known;
}

function add(counts: Counts, good: number, bad: number): void {
  counts.failed += bad;
  counts.total += good + bad;
}

function scaled({ failed, total }: FailureShare, by: number): FailureShare {
  return { failed: failed * by, total: total * by };
}

function sumOf(all: Iterable<FailureShare>): FailureShare {
  const sum: Counts = { failed: 0, total: 0 };
  for (const { failed, total } of all) add(sum, total - failed, failed);
  return sum;
}
