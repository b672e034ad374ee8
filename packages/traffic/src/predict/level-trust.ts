// How far a level is trusted against the one above it, learned and not set: a node that has seen n answers weighs n / (n + k), and every
// level chooses among several k by how well each would have foretold the answers so far. Where clients differ, little history is enough;
// where a trait says nothing, its level fades out by itself (Bayesian averaging of the shrinkage that James and Stein began).

/** The k that are weighed. The last one stands for "this level says nothing". */
const STRENGTHS: readonly number[] = [1, 4, 20, 100, 1000, 100_000];
/** Before anything is seen, k = 20 has this many times the weight of each other. */
const FIRST_GUESS = 4;
const FIRST_INDEX = 2;
/** An answer counts half after about 1,400 further ones. */
const KEEP = 0.9995;
/** No k falls behind the best one by more nats: what was right for long can still become wrong. */
const FURTHEST = 30;
/** One answer counts for no more nats: a client that changes surprises its own history, and that must not discredit the level for all. */
const LOUDEST = 2;

/** The evidence of every level, as plain numbers. */
export interface LevelTrust {
  /** Natural logarithms of the evidence, level by level and k by k. */
  readonly evidence: Float64Array;
  /** The same as weights that add up to 1 for each level. */
  readonly weights: Float64Array;
}

/** Trust that has learned nothing. */
export function createLevelTrust(levels: number): LevelTrust {
  const size = levels * STRENGTHS.length;
  const trust = { evidence: new Float64Array(size), weights: new Float64Array(size) };
  for (let level = 0; level < levels; level += 1) {
    trust.evidence[level * STRENGTHS.length + FIRST_INDEX] = Math.log(FIRST_GUESS);
    weigh(trust, level);
  }
  return trust;
}

/** The weight (0–1) of a node of this level that has seen so many answers. */
export function trustOf({ weights }: LevelTrust, level: number, seen: number): number {
  const first = level * STRENGTHS.length;
  let sum = 0;
  for (let index = 0; index < STRENGTHS.length; index += 1) {
    sum += ((weights[first + index] as number) * seen) / (seen + (STRENGTHS[index] as number));
  }
  return sum;
}

/** What was foretold of an answer that came. */
export interface Foretold {
  /** Answers that the node of this level had seen. */
  readonly seen: number;
  /** The probability that it gave to this one, and the one that the levels above gave (above 0). */
  readonly own: number;
  readonly above: number;
}

/** Weighs the strengths of a level by how well each of them would have foretold an answer. */
export function learnTrust(trust: LevelTrust, level: number, { seen, own, above }: Foretold): void {
  const first = level * STRENGTHS.length;
  // What is foretold lies between the two, whatever k.
  const least = Math.max(own, above) * Math.exp(-LOUDEST);
  for (let index = 0; index < STRENGTHS.length; index += 1) {
    const strength = STRENGTHS[index] as number;
    const foretold = Math.max(least, (seen * own + strength * above) / (seen + strength));
    trust.evidence[first + index] = KEEP * (trust.evidence[first + index] as number) + Math.log(foretold);
  }
  weigh(trust, level);
}

/** Takes over saved evidence; false, and nothing changed, when it is of another shape. */
export function setEvidence(trust: LevelTrust, evidence: readonly number[]): boolean {
  if (evidence.length !== trust.evidence.length) return false;
  trust.evidence.set(evidence);
  for (let level = 0; level < evidence.length / STRENGTHS.length; level += 1) weigh(trust, level);
  return true;
}

/** The number of answers after which a node of this level weighs as much as all above it. */
export function evenPoint(trust: LevelTrust, level: number): number {
  let low = 0;
  let high = STRENGTHS.at(-1) as number;
  while (high - low > 0.1) {
    const middle = (low + high) / 2;
    if (trustOf(trust, level, middle) < 0.5) low = middle;
    else high = middle;
  }
  return high;
}

function weigh({ evidence, weights }: LevelTrust, level: number): void {
  const first = level * STRENGTHS.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = first; index < first + STRENGTHS.length; index += 1)
    most = Math.max(most, evidence[index] as number);
  let sum = 0;
  for (let index = first; index < first + STRENGTHS.length; index += 1) {
    evidence[index] = Math.max(evidence[index] as number, most - FURTHEST);
    weights[index] = Math.exp((evidence[index] as number) - most);
    sum += weights[index] as number;
  }
  for (let index = first; index < first + STRENGTHS.length; index += 1)
    weights[index] = (weights[index] as number) / sum;
}
