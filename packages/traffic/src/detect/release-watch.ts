// Watches the releases of one service over its life: learns what its requests are like while nothing changes, and compares from the moment at which another
// program serves. A comparison ends when its revision does, or when the old one has been gone for a while and nothing is suspected.
import type { RequestEvidence } from "@flyball/core";
import { acquitFailures, addCounts, createFailureEvidence, type FailureEvidence } from "./failure-evidence.ts";
import type { Finding } from "./finding.ts";
import {
  addReleaseReport,
  createReleaseComparison,
  findBadRelease,
  isReleaseUndecided,
  resultsOf,
  type ReleaseComparison,
} from "./release-comparison.ts";
import { isReleaseSuspected, type ReleasePast } from "./release-rates.ts";

/** So long after the last report about the old revision the comparison goes on. */
const AFTER_OLD_MS = 300_000;
/** Fewer results of before are no past. What a rate without any is a guess from is left out. */
const LEAST_RESULTS = 100;
const GUESSED_RESULTS = createFailureEvidence().baseWeight;
/** Evidence of a fault (log odds), or a fault so shortly before: the new revision may be what is to heal it, and before is no measure. */
const SUSPICIOUS_ODDS = 6;
const WELL_MS = 60_000;

/** What is kept of one service: some hundred numbers. */
export interface ReleaseWatch {
  /** What findings are about. */
  readonly subject: string;
  /** What is to serve, by the hash of its workload; undefined before the first word. */
  hash: string | undefined;
  /** Of what served before, while it was well. */
  readonly pastErrors: FailureEvidence;
  readonly pastFlaws: FailureEvidence;
  /** When it was not well last. */
  faultAt: number;
  comparison: ReleaseComparison | undefined;
}

/** Nothing known. */
export function createReleaseWatch(subject: string): ReleaseWatch {
  const [pastErrors, pastFlaws] = [createFailureEvidence(), createFailureEvidence()];
  return { subject, hash: undefined, pastErrors, pastFlaws, faultAt: Number.NEGATIVE_INFINITY, comparison: undefined };
}

/** What is to serve now. A roll-back brings back what is known to be good: it is not compared with what it replaces. */
export function followRelease(
  watch: ReleaseWatch,
  { hash, isRollBack, now }: { readonly hash: string; readonly isRollBack: boolean; readonly now: number },
): void {
  if (watch.hash === hash) {
    if (watch.comparison !== undefined && isOver(watch.comparison, now)) watch.comparison = undefined;
    return;
  }
  const isFirst = watch.hash === undefined;
  watch.hash = hash;
  const wasWell = now - watch.faultAt > WELL_MS;
  const errors = wasWell ? pastOf(watch.pastErrors) : undefined;
  const flaws = wasWell ? pastOf(watch.pastFlaws) : undefined;
  const past = { ...(errors === undefined ? {} : { errors }), ...(flaws === undefined ? {} : { flaws }) };
  watch.comparison = isFirst || isRollBack ? undefined : createReleaseComparison(watch.subject, now, past);
  for (const evidence of [watch.pastErrors, watch.pastFlaws]) acquitFailures(evidence);
}

/** Adds a report about an instance whose workload has this hash. */
export function addRelease(watch: ReleaseWatch, seen: RequestEvidence, hash: string): void {
  if (watch.comparison !== undefined) {
    addReleaseReport(watch.comparison, seen, hash === watch.hash);
    return;
  }
  if (watch.hash !== undefined && hash !== watch.hash) return;
  const { good, bad, whole, flawed } = resultsOf(seen);
  addCounts(watch.pastErrors, good, bad);
  addCounts(watch.pastFlaws, whole, flawed);
  for (const evidence of [watch.pastErrors, watch.pastFlaws]) {
    if (!evidence.isFault) continue;
    acquitFailures(evidence);
    watch.faultAt = seen.to;
  }
}

/** The release, when it is bad. */
export function findRelease({ comparison }: ReleaseWatch): readonly Finding[] {
  return comparison === undefined ? [] : findBadRelease(comparison);
}

/** Too early to say whether failures of its instances are the release's. */
export function isUndecided({ comparison }: ReleaseWatch, now: number): boolean {
  return comparison !== undefined && isReleaseUndecided(comparison, now);
}

function isOver(comparison: ReleaseComparison, now: number): boolean {
  const { errors, flaws, oldAt } = comparison;
  const isOpen = [errors, flaws].some((rates) => rates.isWorse || isReleaseSuspected(rates));
  return now - oldAt > AFTER_OLD_MS && !isOpen;
}

function pastOf(evidence: FailureEvidence): ReleasePast | undefined {
  const results = evidence.baseWeight - GUESSED_RESULTS;
  if (results < LEAST_RESULTS || Math.max(evidence.strong, evidence.slight) > SUSPICIOUS_ODDS) return undefined;
  return { failureRate: evidence.baseRate, results, clumpSize: Math.max(1, evidence.clumpSize) };
}
