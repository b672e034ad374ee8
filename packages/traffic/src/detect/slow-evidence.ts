// Whether times are ten times what they were, decided second by second: Page's form of Wald's sequential test on the logarithm of time over reference,
// as in breaker/sequential-evidence.ts for failures. The reference of an endpoint's own history is learned here, mean and spread of the
// logarithms. What was suspected becomes part of it only when the suspicion ended in innocence, so that a fault is not learned as normal while
// it is being found, and long times are not left out of what is normal.

/** The alternative: slower by a factor of eight, so that ten is well inside. */
const SLOW_LOG = Math.log(8);
/** Log odds at which it is enough: with the right reference at least e^12.5 (270,000) seconds with traffic lie between false alarms. */
export const SLOW_THRESHOLD = 12.5;
/** One second says at most this much, so that it takes four (what waited for one pause comes back in one or two), and at most as if it were ten times slower. */
const MOST_PER_SECOND = 3.6;
/** A second with one time in it says less: that may be the request's own matter. */
const LONE_SHARE = 0.8;
const MOST_LOG = Math.log(10);
/** Means are taken to spread at least this much (standard deviation of the logarithm); more while few are known, so that the evidence grows slower. */
const LEAST_SPREAD = 0.7;
const FIRST_SPREADS = [
  { count: 10, spread: 1.25 },
  { count: 30, spread: 1 },
] as const;
/** Seconds with traffic that the history remembers, and how many make one, with how many times in them: where few come, a second is one of them. */
const MEMORY = 512;
const LEAST_HISTORY = 5;
const LEAST_TIMES = 20;
/** Suspicion that has lasted for so many and came to nothing is how it is now. */
const LONGEST_SUSPICION = 400;
const RECENT_KEPT = 2 ** (-1 / 2);

/** The times of one kind at one endpoint, as means of seconds with traffic. */
export interface SlowEvidence {
  /** Mean and variance of the logarithms, and how many they are of (at most `MEMORY`). */
  mean: number;
  variance: number;
  count: number;
  /** How many times the history is made of, as far as it matters. */
  times: number;
  /** Log odds against its own history. */
  own: number;
  /** Log odds against its peers. */
  peers: number;
  /** Seconds with traffic since suspicion arose, and when that was. */
  suspected: number;
  since: number;
  /** Logarithms that are not learned yet: how many, their sum and that of their squares. */
  held: number;
  heldSum: number;
  heldSquares: number;
  /** Mean of the last logarithms, an old one counts half after two; what peers compare themselves with. */
  recent: number;
  recentAt: number;
}

/** Nothing known. */
export function createSlowEvidence(): SlowEvidence {
  return {
    mean: 0,
    variance: 0,
    count: 0,
    times: 0,
    own: 0,
    peers: 0,
    suspected: 0,
    since: 0,
    held: 0,
    heldSum: 0,
    heldSquares: 0,
    recent: 0,
    recentAt: Number.NEGATIVE_INFINITY,
  };
}

/** Whether there is a history to compare with. */
export function hasHistory({ count, times }: SlowEvidence): boolean {
  return count >= LEAST_HISTORY && times >= LEAST_TIMES;
}

/** Adds the times of a second, one at least. `peerLog`: what peers have at present (logarithm); undefined when there is none to compare with. */
export function addSecond(
  evidence: SlowEvidence,
  second: { readonly sumMs: number; readonly count: number },
  at: number,
  peerLog: number | undefined,
): void {
  const log = Math.log(Math.max(1, second.sumMs / second.count));
  const wasQuiet = isQuiet(evidence);
  const isKnown = hasHistory(evidence);
  const most = MOST_PER_SECOND * (second.count === 1 ? LONE_SHARE : 1);
  evidence.own = isKnown ? grown(evidence.own, log - evidence.mean, { evidence, most }) : 0;
  evidence.peers = peerLog === undefined ? 0 : grown(evidence.peers, log - peerLog, { evidence, most });
  const kept = evidence.recentAt === Number.NEGATIVE_INFINITY ? 0 : RECENT_KEPT;
  evidence.recent = kept * evidence.recent + (1 - kept) * log;
  evidence.recentAt = at;
  if (wasQuiet) evidence.since = at;
  evidence.suspected = isQuiet(evidence) ? 0 : evidence.suspected + 1;
  if (evidence.times < LEAST_TIMES) evidence.times += second.count;
  evidence.held += 1;
  evidence.heldSum += log;
  evidence.heldSquares += log ** 2;
  if (!isKnown || evidence.own === 0 || evidence.held > LONGEST_SUSPICION) learn(evidence);
}

function isQuiet({ own, peers }: SlowEvidence): boolean {
  return own === 0 && peers === 0;
}

function grown(
  odds: number,
  ratio: number,
  { evidence: { variance, count }, most }: { readonly evidence: SlowEvidence; readonly most: number },
): number {
  const known = Math.max(LEAST_SPREAD, Math.sqrt(variance));
  const spread = Math.max(known, FIRST_SPREADS.find((first) => count < first.count)?.spread ?? 0);
  const each = Math.min(most, (SLOW_LOG / spread ** 2) * (Math.min(MOST_LOG, ratio) - SLOW_LOG / 2));
  return Math.min(SLOW_THRESHOLD * 1.5, Math.max(0, odds + each));
}

function learn(evidence: SlowEvidence): void {
  const { held, heldSum, heldSquares, mean } = evidence;
  evidence.count = Math.min(MEMORY, evidence.count + held);
  const weight = held / evidence.count;
  const apart = heldSum / held - mean;
  const within = Math.max(0, heldSquares / held - (heldSum / held) ** 2);
  evidence.mean += weight * apart;
  evidence.variance = (1 - weight) * evidence.variance + weight * within + weight * (1 - weight) * apart ** 2;
  evidence.held = 0;
  evidence.heldSum = 0;
  evidence.heldSquares = 0;
}
