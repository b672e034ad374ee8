// Whether requests fail at a living instance more than they used to. A window with a least number of failures is blind to what matters most:
// a broken instance is ejected by the gateway after three failures and then gets one request each few seconds, and one failure in twelve
// never fills half of a window. So the evidence is weighed request by request, however slowly they come: Page's form of Wald's sequential
// test, as in the gateway's breaker (../breaker/sequential-evidence.ts), for people instead of for traffic. An incident must be right
// more often than an ejection, so the threshold is higher: with the right base rate at least e^15.5 (five million) requests lie between two
// false alarms on average (G. Lorden, 1971). An instance at which everything fails is found at the fourth failure.
//
// What the gateway reports are counts of some 200 ms without their order, so failures are taken to be spread evenly among the others.
import type { AttemptOutcome, IncidentBegan, RequestEvidence } from "@flyball/core";

/** Base rates below it count as this much: one failure in a hundred is nobody's fault. */
const LEAST_BASE_RATE = 0.01;
const GREATEST_BASE_RATE = 0.9;
/** Requests that a first guess at the base rate is worth, and how many the base rate remembers at most. */
const GUESS_WEIGHT = 200;
const BASE_MEMORY = 2_048;
/** The alternatives: this far from the base rate to certain failure. The slight one is a trickle of about one in twelve. */
const STRONG_SHARE = 0.5;
const SLIGHT_SHARE = 0.07;
/** Log odds at which the evidence is enough. */
const EVIDENCE_THRESHOLD = 15.5;
/** Log odds of 19 to 1: good answers that a fault as frequent as before would let pass by chance once in twenty times are enough. */
const RECOVERY_ODDS = 3;
/** Share of failures to be ruled out when no failure was counted here: of another instance, or before a restart of control. */
const UNKNOWN_SHARE = 0.5;
/** Clumps that the mean size of a clump remembers. */
const CLUMP_MEMORY = 50;
/** Guess at the size of a clump, and how many clumps it is worth. It does not count where nothing but failures was seen. */
const FIRST_CLUMP = 1.04;
const FIRST_CLUMPS = 5;
/** What others of the service have learned of clumps counts as so many at most. */
const TOLD_CLUMPS = 20;
const BAD_OUTCOMES: readonly AttemptOutcome[] = ["server-error", "refused", "reset", "timeout"];

/** The evidence about one instance: plain numbers, changed in place. Times are wall times. */
export interface FailureEvidence {
  baseRate: number;
  baseWeight: number;
  /** Failures come in clumps: how many stand together when nothing is at fault, learned; each then says less. */
  clumpSize: number;
  clumps: number;
  /** Of the clump that is on; and clumps of this excursion, learned when it ends in innocence. */
  clumped: number;
  openClumps: number;
  openClumped: number;
  /** Log odds of the two alternatives. */
  strong: number;
  slight: number;
  /** Attempts since the evidence rose above even odds. */
  failed: number;
  total: number;
  /** When that was: the first bad attempt, and the last good one before it. */
  began: Pick<IncidentBegan, "lastGood" | "firstBad">;
  /** Enough for an incident; stays until `acquitFailures`. */
  isFault: boolean;
  /** Good answers since the last bad attempt, and when the first of them was seen. */
  goodSinceBad: number;
  goodSince: number | undefined;
}

/** No evidence yet. `others`: of the instances beside it, which know what is usual there. */
export function createFailureEvidence(others: Iterable<FailureEvidence> = []): FailureEvidence {
  let wisest: FailureEvidence | undefined;
  for (const other of others) if (other.clumps > (wisest?.clumps ?? FIRST_CLUMPS)) wisest = other;
  return {
    baseRate: wisest?.baseRate ?? LEAST_BASE_RATE,
    baseWeight: GUESS_WEIGHT,
    clumpSize: wisest?.clumpSize ?? FIRST_CLUMP,
    clumps: Math.min(TOLD_CLUMPS, wisest?.clumps ?? FIRST_CLUMPS),
    clumped: 0,
    openClumps: 0,
    openClumped: 0,
    strong: 0,
    slight: 0,
    failed: 0,
    total: 0,
    began: { lastGood: 0, firstBad: 0 },
    isFault: false,
    goodSinceBad: 0,
    goodSince: undefined,
  };
}

/** Adds what the gateway saw. `lastGoodAt` is the last good answer that was known before. */
export function addFailureReport(
  evidence: FailureEvidence,
  seen: RequestEvidence,
  lastGoodAt: number | undefined,
): void {
  const bad = BAD_OUTCOMES.reduce((sum, outcome) => sum + (seen.outcomes[outcome] ?? 0), 0);
  const good = seen.outcomes.succeeded ?? 0;
  if (bad > 0 && isQuiet(evidence)) evidence.began = beganWith(seen, lastGoodAt);
  addCounts(evidence, good, bad);
  followGood(evidence, seen, { good, bad });
}

/** Adds results whose order is not known. */
export function addCounts(evidence: FailureEvidence, good: number, bad: number): void {
  for (let index = 0; index <= bad; index += 1) {
    const goodUntilHere = Math.floor(((index + 1) * good) / (bad + 1));
    addGood(evidence, goodUntilHere - Math.floor((index * good) / (bad + 1)));
    if (index < bad) addBad(evidence);
  }
}

/** Nothing speaks for a fault at present. */
export function isQuiet({ strong, slight, isFault }: FailureEvidence): boolean {
  return strong === 0 && slight === 0 && !isFault;
}

/**
 * How many good answers in a row show that the fault is over: as many as would hold a failure in 19 of 20 cases if requests still failed as
 * often as they did. 2 where everything failed, 5 where half did, 36 for one in twelve.
 */
export function goodAnswersNeeded(evidence: FailureEvidence | undefined): number {
  const { failed, total, goodSinceBad } = evidence ?? { failed: 0, total: 0, goodSinceBad: 0 };
  const share = failed === 0 ? UNKNOWN_SHARE : failed / Math.max(failed, total - goodSinceBad);
  return Math.ceil(RECOVERY_ODDS / -Math.log(1 - Math.min(GREATEST_BASE_RATE, Math.max(LEAST_BASE_RATE, share))));
}

/** The fault is over. What failed in it does not become part of the base rate. */
export function acquitFailures(evidence: FailureEvidence): void {
  evidence.isFault = false;
  endExcursion(evidence);
}

function addGood(evidence: FailureEvidence, count: number): void {
  if (count === 0) return;
  if (isQuiet(evidence)) {
    learn(evidence, 0, count);
    return;
  }
  evidence.total += count;
  if (evidence.isFault) return;
  // A success is (1 − alternative) / (1 − base) times as likely, which is 1 − share whatever the base rate.
  evidence.strong = Math.max(0, evidence.strong + count * Math.log(1 - STRONG_SHARE));
  if (evidence.strong === 0 && evidence.clumped > 0) {
    evidence.openClumps += 1;
    evidence.openClumped += evidence.clumped;
    evidence.clumped = 0;
  }
  evidence.slight = Math.max(0, evidence.slight + count * Math.log(1 - SLIGHT_SHARE));
  if (evidence.strong > 0 || evidence.slight > 0) return;
  learn(evidence, evidence.failed, evidence.total);
  learnClumps(evidence);
  endExcursion(evidence);
}

function addBad(evidence: FailureEvidence): void {
  evidence.failed += 1;
  evidence.total += 1;
  if (evidence.isFault) return;
  evidence.clumped += 1;
  const base = Math.min(GREATEST_BASE_RATE, Math.max(LEAST_BASE_RATE, evidence.baseRate));
  const isGuess = evidence.clumps === FIRST_CLUMPS && evidence.failed === evidence.total;
  // Of geometric clumps, as many failures are as good as one that stands alone: chance brings long clumps, and two of them together.
  const alike = isGuess ? 1 : Math.max(1, 2 * evidence.clumpSize - 1);
  const weightOf = (share: number): number => Math.log((base + (1 - base) * share) / base) / alike;
  evidence.strong += weightOf(STRONG_SHARE);
  evidence.slight += weightOf(SLIGHT_SHARE);
  evidence.isFault = Math.max(evidence.strong, evidence.slight) >= EVIDENCE_THRESHOLD;
}

function learn(evidence: FailureEvidence, failed: number, total: number): void {
  evidence.baseWeight = Math.min(BASE_MEMORY, evidence.baseWeight + total);
  const weight = Math.max(evidence.baseWeight, total);
  // A mean of two rates, written so that rounding leaves it one.
  evidence.baseRate = Math.min(1, (evidence.baseRate * (weight - total) + failed) / weight);
}

function learnClumps(evidence: FailureEvidence): void {
  const { openClumps, openClumped } = evidence;
  if (openClumps === 0) return;
  evidence.clumps = Math.min(CLUMP_MEMORY, evidence.clumps + openClumps);
  const share = Math.min(1, openClumps / evidence.clumps);
  evidence.clumpSize += (openClumped / openClumps - evidence.clumpSize) * share;
}

function endExcursion(evidence: FailureEvidence): void {
  evidence.strong = 0;
  evidence.slight = 0;
  evidence.clumped = 0;
  evidence.openClumps = 0;
  evidence.openClumped = 0;
  evidence.failed = 0;
  evidence.total = 0;
}

function followGood(
  evidence: FailureEvidence,
  seen: RequestEvidence,
  { good, bad }: { readonly good: number; readonly bad: number },
): void {
  if (bad > 0) {
    // Of the good ones in the same report only the last is known to have come after the failure.
    const isGoodLast = seen.lastGoodAt !== undefined && seen.lastGoodAt > (seen.lastBadAt ?? seen.to);
    evidence.goodSinceBad = isGoodLast ? 1 : 0;
    evidence.goodSince = isGoodLast ? seen.lastGoodAt : undefined;
    return;
  }
  if (good === 0) return;
  evidence.goodSinceBad += good;
  evidence.goodSince ??= seen.lastGoodAt ?? seen.to;
}

function beganWith(seen: RequestEvidence, lastGoodAt: number | undefined): FailureEvidence["began"] {
  const firstBad = seen.firstBadAt ?? seen.to;
  const isGoodFirst = seen.lastGoodAt !== undefined && seen.lastGoodAt <= firstBad;
  return { firstBad, lastGood: Math.min(firstBad, (isGoodFirst ? seen.lastGoodAt : lastGoodAt) ?? seen.from) };
}
