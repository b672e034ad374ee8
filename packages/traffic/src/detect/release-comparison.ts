// Whether a new revision does worse than the old one that serves beside it: errors, flaws of answers, first token. Subject: the pool. At most: roll
// back. Both see the same requests at the same time, so a provider that fails or a rush of long prompts hits both, and says nothing.
//
// Sequential, so the verdict comes as soon as the evidence is enough. At ten requests a second, with half of them (a tenth of them) to the new revision:
// of half of the requests failing after 3 s (7 s), of one in five after 10 s (20 s), of one in twenty after 54 s (113 s), as medians. Of 1,200 releases
// of 5,000 requests that were as good as their old ones, at up to 20 % of errors in both, one was found wanting.
import type { RequestEvidence } from "@flyball/core";
import { compareWithPeers, type FailureShare } from "../breaker/peer-comparison.ts";
import type { Finding } from "./finding.ts";
import { addMean, createSlowEvidence, SLOW_THRESHOLD, type SlowEvidence } from "./slow-evidence.ts";

/** How far from the old revision's rate to certain failure the alternatives lie. */
const SHARES = [0.5, 0.15, 0.04] as const;
const THRESHOLD = 12;
/** Rates below count as this much; the guess at the old rate, and how many results it is worth. */
const LEAST_RATE = 0.003;
const GUESS = 0.01;
const GUESS_WEIGHT = 100;
const BUCKET_MS = 1_000;
/** Times of an instance that has just begun are not its usual ones. */
const WARM_MS = 30_000;
const LEAST_LOG = Math.log(2.5);
const BAD_OUTCOMES = ["server-error", "refused", "reset", "timeout"] as const;

interface Rates {
  readonly odds: [number, number, number];
  readonly fresh: { failed: number; total: number };
  readonly old: { failed: number; total: number };
  /** Of both since the new one came under suspicion. */
  readonly freshSince: { failed: number; total: number };
  readonly oldSince: { failed: number; total: number };
  isWorse: boolean;
}

interface Bucket {
  sumMs: number;
  count: number;
}

/** One release that is being compared. */
export interface ReleaseComparison {
  readonly pool: string;
  readonly began: number;
  readonly errors: Rates;
  readonly flaws: Rates;
  /** When each instance of the new revision was seen first. */
  readonly firstSeen: Map<string, number>;
  readonly freshTimes: SlowEvidence;
  readonly oldTimes: SlowEvidence;
  readonly freshBucket: Bucket;
  readonly oldBucket: Bucket;
  bucketFrom: number;
  firstBad: number | undefined;
}

/** Begins to compare. */
export function createReleaseComparison(pool: string, now: number): ReleaseComparison {
  return {
    pool,
    began: now,
    errors: createRates(),
    flaws: createRates(),
    firstSeen: new Map(),
    freshTimes: createSlowEvidence(),
    oldTimes: createSlowEvidence(),
    freshBucket: { sumMs: 0, count: 0 },
    oldBucket: { sumMs: 0, count: 0 },
    bucketFrom: now,
    firstBad: undefined,
  };
}

/** Adds a report about an endpoint of the new revision, or of the old one. */
export function addReleaseReport(release: ReleaseComparison, seen: RequestEvidence, isNew: boolean): void {
  const bad = BAD_OUTCOMES.reduce((sum, outcome) => sum + (seen.outcomes[outcome] ?? 0), 0);
  const good = seen.outcomes.succeeded ?? 0;
  const flawed = Object.values(seen.flaws ?? {}).reduce((sum, count) => sum + count, 0);
  if (isNew && bad + flawed > 0) release.firstBad ??= seen.firstBadAt ?? seen.from;
  addRates(release.errors, good, bad, isNew);
  addRates(release.flaws, Math.max(0, (seen.judged ?? 0) - flawed), flawed, isNew);
  if (isNew && !release.firstSeen.has(seen.endpoint)) release.firstSeen.set(seen.endpoint, seen.from);
  if (isNew && seen.to - (release.firstSeen.get(seen.endpoint) ?? 0) < WARM_MS) return;
  const bucket = isNew ? release.freshBucket : release.oldBucket;
  bucket.sumMs += seen.firstToken?.sumMs ?? (bad === 0 ? seen.latencySumMs : 0);
  bucket.count += seen.firstToken?.count ?? (bad === 0 ? good : 0);
  if (seen.to - release.bucketFrom >= BUCKET_MS) closeBuckets(release, seen.to);
}

/** In what the new revision is worse; empty while that is not known, or when it is not. */
export function findBadRelease(release: ReleaseComparison): readonly Finding[] {
  const { errors, flaws, freshTimes, oldTimes, pool, began } = release;
  const isSlower = freshTimes.peers >= SLOW_THRESHOLD && freshTimes.recent - oldTimes.recent >= LEAST_LOG;
  if (!errors.isWorse && !flaws.isWorse && !isSlower) return [];
  const what = errors.isWorse ? "errors" : flaws.isWorse ? "flaws" : "first-token";
  const { fresh, old } = what === "flaws" ? flaws : errors;
  const firstBad = what === "first-token" ? freshTimes.since : (release.firstBad ?? began);
  return [
    {
      class: "bad-release",
      subject: pool,
      began: { lastGood: Math.min(began, firstBad), firstBad },
      facts: {
        what,
        newFailed: fresh.failed,
        newTotal: fresh.total,
        oldFailed: old.failed,
        oldTotal: old.total,
        ...(isSlower
          ? { newMs: Math.round(Math.exp(freshTimes.recent)), oldMs: Math.round(Math.exp(oldTimes.recent)) }
          : {}),
      },
    },
  ];
}

function createRates(): Rates {
  const share = (): { failed: number; total: number } => ({ failed: 0, total: 0 });
  const since = { freshSince: share(), oldSince: share() };
  return { odds: [0, 0, 0], fresh: share(), old: share(), ...since, isWorse: false };
}

function addRates(rates: Rates, good: number, bad: number, isNew: boolean): void {
  for (const share of isNew ? [rates.fresh, rates.freshSince] : [rates.old, rates.oldSince]) {
    share.failed += bad;
    share.total += good + bad;
  }
  if (!isNew) return;
  const base = rateOf(rates.old);
  for (const [place, share] of SHARES.entries()) {
    const failure = Math.log((base + (1 - base) * share) / base);
    // Their order within the report is not known: the good ones are taken to come first.
    rates.odds[place] = Math.max(0, (rates.odds[place] as number) + good * Math.log(1 - share)) + bad * failure;
  }
  if (rates.odds.every((odds) => odds === 0)) {
    for (const share of [rates.freshSince, rates.oldSince]) Object.assign(share, { failed: 0, total: 0 });
    rates.isWorse = false;
    return;
  }
  if (rates.isWorse || Math.max(...rates.odds) < THRESHOLD) return;
  // The question is asked again at each failure, so it must be answered as for an endpoint that was like its peers before.
  const scene = { usualRate: base, wasAlike: true, areWell: true, peerCount: 1 };
  rates.isWorse = compareWithPeers(rates.freshSince, rates.oldSince, scene) === "worse";
}

function rateOf({ failed, total }: FailureShare): number {
  return Math.max(LEAST_RATE, (failed + GUESS * GUESS_WEIGHT) / (total + GUESS_WEIGHT));
}

function closeBuckets(release: ReleaseComparison, at: number): void {
  const { oldTimes, freshTimes, oldBucket, freshBucket } = release;
  if (oldBucket.count > 0) addMean(oldTimes, oldBucket.sumMs / oldBucket.count, at, undefined);
  if (freshBucket.count > 0) {
    const peerLog = oldTimes.recentAt === Number.NEGATIVE_INFINITY ? undefined : oldTimes.recent;
    addMean(freshTimes, freshBucket.sumMs / freshBucket.count, at, peerLog);
  }
  for (const bucket of [oldBucket, freshBucket]) Object.assign(bucket, { sumMs: 0, count: 0 });
  release.bucketFrom = at;
}
