// Whether a new revision does worse than the old one: errors, flaws of answers (`release-rates.ts`), first token. Subject: the pool. At most: roll back.
// While both serve they see the same requests at the same time, so a provider that fails or a rush of long prompts hits both, and says nothing; how
// slow it is is only compared then. `release-watch.ts` says when there is something to compare; the times to a verdict stand in bench/RESULTS.md.
import type { RequestEvidence } from "@flyball/core";
import type { Finding } from "./finding.ts";
import {
  addReleaseResults,
  createReleaseRates,
  isReleaseSuspected,
  type ReleasePast,
  type ReleaseRates,
} from "./release-rates.ts";
import { addSecond, createSlowEvidence, hasHistory, SLOW_THRESHOLD, type SlowEvidence } from "./slow-evidence.ts";

const BUCKET_MS = 1_000;
/** Times of an instance that has just begun are not its usual ones; those of the old revision that are older are no comparison. */
const WARM_MS = 30_000;
const FRESH_MS = 60_000;
const LEAST_LOG = Math.log(2.5);
/** Of a few milliseconds, a busy machine makes many times as many. */
const LEAST_MORE_MS = 50;
/** So long after its first failure it may stay undecided whether it is the release. */
const UNDECIDED_MS = 5_000;
const BAD_OUTCOMES = ["server-error", "refused", "reset", "timeout"] as const;

interface Bucket {
  sumMs: number;
  count: number;
}

/** One release that is being compared. */
export interface ReleaseComparison {
  readonly pool: string;
  readonly began: number;
  readonly errors: ReleaseRates;
  readonly flaws: ReleaseRates;
  /** When each instance of the new revision was seen first. */
  readonly firstSeen: Map<string, number>;
  readonly freshTimes: SlowEvidence;
  readonly oldTimes: SlowEvidence;
  readonly freshBucket: Bucket;
  readonly oldBucket: Bucket;
  bucketFrom: number;
  /** The last report about the old revision. */
  oldAt: number;
}

/** What the old revision did before, as far as it is known. */
export interface ComparedPast {
  readonly errors?: ReleasePast;
  readonly flaws?: ReleasePast;
}

/** Begins to compare. */
export function createReleaseComparison(pool: string, now: number, past: ComparedPast = {}): ReleaseComparison {
  return {
    pool,
    began: now,
    errors: createReleaseRates(now, past.errors),
    flaws: createReleaseRates(now, past.flaws),
    firstSeen: new Map(),
    freshTimes: createSlowEvidence(),
    oldTimes: createSlowEvidence(),
    freshBucket: { sumMs: 0, count: 0 },
    oldBucket: { sumMs: 0, count: 0 },
    bucketFrom: now,
    oldAt: now,
  };
}

/** Failures and good answers of a report, and flaws of those that were looked at. */
export function resultsOf(seen: RequestEvidence): {
  readonly good: number;
  readonly bad: number;
  readonly whole: number;
  readonly flawed: number;
} {
  const bad = BAD_OUTCOMES.reduce((sum, outcome) => sum + (seen.outcomes[outcome] ?? 0), 0);
  const flawed = Object.values(seen.flaws ?? {}).reduce((sum, count) => sum + count, 0);
  return { good: seen.outcomes.succeeded ?? 0, bad, whole: Math.max(0, (seen.judged ?? 0) - flawed), flawed };
}

/** Adds a report about an endpoint of the new revision, or of the old one. */
export function addReleaseReport(release: ReleaseComparison, seen: RequestEvidence, isNew: boolean): void {
  const { good, bad, whole, flawed } = resultsOf(seen);
  const at = { endpoint: seen.endpoint, isNew, at: seen.to, badAt: seen.firstBadAt ?? seen.from };
  addReleaseResults(release.errors, { ...at, good, bad });
  addReleaseResults(release.flaws, { ...at, good: whole, bad: flawed });
  if (!isNew && good + bad > 0) release.oldAt = seen.to;
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
  const isSlower = freshTimes.peers >= SLOW_THRESHOLD && isMuchMore(freshTimes.recent, usualLog(oldTimes));
  if (!errors.isWorse && !flaws.isWorse && !isSlower) return [];
  const what = errors.isWorse ? "errors" : flaws.isWorse ? "flaws" : "first-token";
  const rates = what === "flaws" ? flaws : errors;
  const firstBad = what === "first-token" ? freshTimes.since : rates.firstBad;
  const { fresh, old } = rates;
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
          ? { newMs: Math.round(Math.exp(freshTimes.recent)), oldMs: Math.round(Math.exp(usualLog(oldTimes))) }
          : {}),
      },
    },
  ];
}

/** Its failures are few yet: within seconds they are the release's or somebody else's, and nobody is to be blamed before. */
export function isReleaseUndecided({ errors, flaws }: ReleaseComparison, now: number): boolean {
  return [errors, flaws].some((rates) => isReleaseSuspected(rates) && now - rates.firstBad < UNDECIDED_MS);
}

function closeBuckets(release: ReleaseComparison, at: number): void {
  const { oldTimes, freshTimes, oldBucket, freshBucket } = release;
  if (oldBucket.count > 0) addSecond(oldTimes, oldBucket, at, undefined);
  if (freshBucket.count > 0)
    addSecond(freshTimes, freshBucket, at, isComparable(oldTimes, at) ? usualLog(oldTimes) : undefined);
  for (const bucket of [oldBucket, freshBucket]) Object.assign(bucket, { sumMs: 0, count: 0 });
  release.bucketFrom = at;
}

/** What it had last may be short by chance, and stays so when it is gone. */
function usualLog({ recent, mean }: SlowEvidence): number {
  return Math.max(recent, mean);
}

function isComparable(old: SlowEvidence, at: number): boolean {
  return hasHistory(old) && at - old.recentAt <= FRESH_MS;
}

function isMuchMore(log: number, usual: number): boolean {
  return log - usual >= LEAST_LOG && Math.exp(log) - Math.exp(usual) >= LEAST_MORE_MS;
}
