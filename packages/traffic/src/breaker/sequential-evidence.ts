// Whether an endpoint fails more than it used to, decided request by request. Counters of consecutive failures are blind to partial
// faults (five in a row at 50 % errors need 62 requests on average); the likelihood ratio of "bad" against "as ever" needs about nine,
// and says how often it is wrong.
//
// It is Page's form of Wald's sequential test (E. S. Page, Continuous inspection schemes, Biometrika 1954): the ratio never falls below
// even odds, so a long good past does not hide a fault that begins now. Two alternatives run side by side, a strong and a mild one. With
// the right base rate, the mean number of requests between false alarms is at least e^threshold for each (G. Lorden, 1971).
//
// Failures of healthy endpoints come in clumps: one bad client, one locked row. So the rate soon after a failure is learned beside the base rate (the null
// is a Markov chain of two states), and where failures follow each other as a rule the second and third of a clump say little.
//
// An excursion is the time in which the evidence stands above even odds. What it saw becomes part of the base rate only when it ends in
// innocence, so that a fault is not learned as normal while it is being found.

/** Base rates below it count as this much: one failure in two hundred is nobody's fault. */
const LEAST_BASE_RATE = 0.005;
/** Log odds at which the evidence is enough. */
const EVIDENCE_THRESHOLD = 13.3;

const GREATEST_BASE_RATE = 0.9;
/** Requests that the base rate remembers. */
const BASE_MEMORY = 2_048;
/** Requests that a first guess at the base rate is worth. */
const GUESS_WEIGHT = 200;
/** So many results after a failure belong to its clump: other requests come between. */
const SHADOW = 3;
/** Memory and weight of a first guess for the rate in the shadow of a failure. */
const AFTER_MEMORY = 512;
const AFTER_GUESS_WEIGHT = 30;
/** Three failures in a row are no fault yet where nothing is known. */
const AFTER_GUESS = 0.0075;
/** Results whose times are kept. */
const RECENT_RESULTS = 128;
/** An excursion that is longer forgets half: the fault of an hour ago is no evidence. */
const EXCURSION_MEMORY = 256;
/** The mild alternative: this far from the base rate to certain failure. The strong one is half way. */
const MILD_SHARE = 0.15;
const STRONG_SHARE = 0.5;
const STRONG_SUCCESS = Math.log(1 - STRONG_SHARE);
const MILD_SUCCESS = Math.log(1 - MILD_SHARE);

/** The evidence about one endpoint: plain numbers, changed in place. Everything but the rates is in log odds or requests. */
export interface SequentialEvidence {
  /** Learned share of failures. */
  baseRate: number;
  baseWeight: number;
  /** Learned share of failures among the results in the shadow of a failure. */
  afterRate: number;
  afterWeight: number;
  /** How many of the next results are in the shadow of a failure. */
  shadow: number;
  strong: number;
  mild: number;
  /** Of the current excursion. */
  failed: number;
  total: number;
  /** The same of the results in the shadow of a failure. */
  afterFailed: number;
  afterTotal: number;
  /** Results for which the evidence is not enough whatever it says, because the peers did as badly. */
  resting: number;
  /** The peers did as badly at some time of the current excursion. */
  wasAlike: boolean;
  /** When the current excursion began. */
  since: number;
  /** Times of the last results in a ring, each plus 1 and those of failures negative; 0 for none. */
  readonly recent: Float64Array;
  recentAt: number;
  /** What a failure says by itself and in the shadow of another, from the rates. */
  strongFailure: number;
  strongAgain: number;
  mildFailure: number;
  mildAgain: number;
}

/** No evidence yet. `baseRate` is a first guess, such as that of the endpoint's peers. */
export function createSequentialEvidence(baseRate: number = LEAST_BASE_RATE): SequentialEvidence {
  const evidence: SequentialEvidence = {
    baseRate,
    baseWeight: GUESS_WEIGHT,
    afterRate: Math.max(AFTER_GUESS, baseRate),
    afterWeight: AFTER_GUESS_WEIGHT,
    shadow: 0,
    strong: 0,
    mild: 0,
    failed: 0,
    total: 0,
    afterFailed: 0,
    afterTotal: 0,
    resting: 0,
    wasAlike: false,
    since: 0,
    recent: new Float64Array(RECENT_RESULTS),
    recentAt: 0,
    strongFailure: 0,
    strongAgain: 0,
    mildFailure: 0,
    mildAgain: 0,
  };
  weigh(evidence);
  return evidence;
}

/** A request went well. Allocates nothing. Times are monotonic milliseconds. */
export function addSuccess(evidence: SequentialEvidence, now: number): void {
  remember(evidence, now + 1);
  if (evidence.strong === 0 && evidence.mild === 0) {
    learn(evidence, 0, 1);
    return;
  }
  // A success is (1 − alternative) / (1 − base) times as likely, which is 1 − share whatever the base rate.
  evidence.strong = Math.max(0, evidence.strong + STRONG_SUCCESS);
  evidence.mild = Math.max(0, evidence.mild + MILD_SUCCESS);
  count(evidence, 0);
  if (evidence.strong > 0 || evidence.mild > 0) return;
  learnAfter(evidence);
  learn(evidence, evidence.failed, evidence.total);
  endExcursion(evidence);
}

/** A request failed; whether that makes the evidence enough. It stays at the threshold until something goes well. */
export function addFailure(evidence: SequentialEvidence, now: number): boolean {
  remember(evidence, -now - 1);
  if (evidence.strong === 0 && evidence.mild === 0) evidence.since = now;
  const isAgain = evidence.shadow > 0;
  const { strongAgain, strongFailure, mildAgain, mildFailure } = evidence;
  evidence.strong = Math.min(EVIDENCE_THRESHOLD, evidence.strong + (isAgain ? strongAgain : strongFailure));
  evidence.mild = Math.min(EVIDENCE_THRESHOLD, evidence.mild + (isAgain ? mildAgain : mildFailure));
  count(evidence, 1);
  if (evidence.resting > 0) return false;
  return evidence.strong >= EVIDENCE_THRESHOLD || evidence.mild >= EVIDENCE_THRESHOLD;
}

/** Forgets the excursion; the base rate stays. `suspicion` (0–1) is the share of the threshold at which the next one begins. */
export function beginAnew(evidence: SequentialEvidence, now: number, suspicion: number): void {
  evidence.strong = EVIDENCE_THRESHOLD * suspicion;
  evidence.mild = 0;
  evidence.since = now;
  endExcursion(evidence);
}

/**
 * The peers did as badly: the next look at them comes when there is as much again to compare. Looks that follow each other closely
 * would find a difference by chance sooner or later.
 */
export function restEvidence(evidence: SequentialEvidence): void {
  evidence.resting = evidence.total;
  evidence.wasAlike = true;
}

/** Adds the results since a time (at most the last 128) to a sum. */
export function addResultsSince(
  evidence: SequentialEvidence,
  since: number,
  sum: { failed: number; total: number },
): void {
  for (const at of evidence.recent) {
    if (at === 0 || Math.abs(at) - 1 < since) continue;
    sum.total += 1;
    if (at < 0) sum.failed += 1;
  }
}

/** Since when all results are known of which some time may be asked; −Infinity when none was dropped yet. */
export function knownSince({ recent, recentAt }: SequentialEvidence): number {
  const oldest = recent[recentAt] as number;
  return oldest === 0 ? Number.NEGATIVE_INFINITY : Math.abs(oldest) - 1;
}

function endExcursion(evidence: SequentialEvidence): void {
  evidence.failed = 0;
  evidence.total = 0;
  evidence.afterFailed = 0;
  evidence.afterTotal = 0;
  evidence.shadow = 0;
  evidence.resting = 0;
  evidence.wasAlike = false;
}

function remember(evidence: SequentialEvidence, signedTime: number): void {
  evidence.recent[evidence.recentAt] = signedTime;
  evidence.recentAt = (evidence.recentAt + 1) % RECENT_RESULTS;
}

function count(evidence: SequentialEvidence, failed: 0 | 1): void {
  evidence.failed += failed;
  evidence.total += 1;
  if (evidence.shadow > 0) {
    evidence.afterFailed += failed;
    evidence.afterTotal += 1;
  }
  evidence.shadow = failed === 1 ? SHADOW : Math.max(0, evidence.shadow - 1);
  if (evidence.resting > 0) evidence.resting -= 1;
  if (evidence.total < EXCURSION_MEMORY) return;
  evidence.failed /= 2;
  evidence.total /= 2;
  evidence.afterFailed /= 2;
  evidence.afterTotal /= 2;
}

function learn(evidence: SequentialEvidence, failed: number, total: number): void {
  evidence.baseWeight = Math.min(BASE_MEMORY, evidence.baseWeight + total);
  evidence.baseRate += ((failed / total - evidence.baseRate) * total) / evidence.baseWeight;
  // A lone success moves the rate by less than matters: the logarithms are taken again only when something failed.
  if (failed > 0) weigh(evidence);
}

function learnAfter(evidence: SequentialEvidence): void {
  const { afterFailed, afterTotal } = evidence;
  if (afterTotal === 0) return;
  evidence.afterWeight = Math.min(AFTER_MEMORY, evidence.afterWeight + afterTotal);
  evidence.afterRate += ((afterFailed / afterTotal - evidence.afterRate) * afterTotal) / evidence.afterWeight;
}

function weigh(evidence: SequentialEvidence): void {
  const base = Math.min(GREATEST_BASE_RATE, Math.max(LEAST_BASE_RATE, evidence.baseRate));
  const after = Math.min(GREATEST_BASE_RATE, Math.max(base, evidence.afterRate));
  evidence.strongFailure = weightOf(base, STRONG_SHARE);
  evidence.strongAgain = weightOf(after, STRONG_SHARE);
  evidence.mildFailure = weightOf(base, MILD_SHARE);
  evidence.mildAgain = weightOf(after, MILD_SHARE);
}

function weightOf(rate: number, share: number): number {
  return Math.log((rate + (1 - rate) * share) / rate);
}
