// How long something usually takes, learned, and from when on it counts as stuck. Fixed bounds are wrong for somebody: one model thinks for two
// minutes before its first word, another answers in a tenth of a second. One of these is kept per route or model and kind of wait (first token, gap,
// whole answer).
//
// The bound lies above the 99th percentile by a margin that grows with the spread of the times (on the scale of their logarithms), so that of
// log-normal times about one in 30,000 is beyond it. A rare kind of request, one in a hundred or less, is not in the percentile: three times
// beyond the bound among the last thousand raise it at once, and it falls back slowly. Two do not: what hung and came back is no evidence of
// what is usual. Callers leave out the times of endpoints that are under a finding.
import { addTtft, createTtftQuantiles, ttftQuantileMs, type TtftQuantiles } from "../hedge/ttft-quantile.ts";

/** Fewer samples say nothing about a high percentile. */
const LEAST_SAMPLES = 50;
/** The percentile is taken anew after as many samples. */
const REFRESH_SAMPLES = 16;
/** Margin on top of the percentile, and the power of the spread (99th percentile over median) that is added to it. */
const MARGIN = 2;
const SPREAD_POWER = 0.5;
/** This many times beyond the bound among the last `LATE_MEMORY` samples are usual, unless set. */
const LATE_TIMES = 3;
const LATE_MEMORY = 1_000;
const LATE_MARGIN = 1.5;
/** A raised bound halves its excess in as many samples. */
const FALL_HALF_LIFE = 2_000;
const FALL = 2 ** (-1 / FALL_HALF_LIFE);

/** Limits of a learned bound. */
export interface UsualTimeOptions {
  /** The bound is never below it. */
  readonly floorMs: number;
  /** The bound while too little is known; the floor unless given. */
  readonly unknownMs?: number;
  /** The bound is never above it; ten minutes unless given. */
  readonly ceilingMs?: number;
  /** So many times beyond the bound raise it; three unless given. */
  readonly lateTimes?: number;
}

/** What is known about one kind of wait: about 1.4 kB, changed in place. */
export interface UsualTime {
  readonly floorMs: number;
  readonly unknownMs: number;
  readonly ceilingMs: number;
  readonly lateTimes: number;
  readonly quantiles: TtftQuantiles;
  /** From the percentile; undefined while too little is known. */
  learnedMs: number | undefined;
  /** From late times; falls with each sample. */
  raisedMs: number;
  /** The last late times with their sample numbers, oldest first. */
  readonly late: { readonly sample: number; readonly ms: number }[];
}

/** Nothing known yet. */
export function createUsualTime(options: UsualTimeOptions): UsualTime {
  const { floorMs, unknownMs = floorMs, ceilingMs = 600_000, lateTimes = LATE_TIMES } = options;
  const quantiles = createTtftQuantiles();
  return { floorMs, unknownMs, ceilingMs, lateTimes, quantiles, learnedMs: undefined, raisedMs: 0, late: [] };
}

/** Something took this long and ended well. */
export function addTime(usual: UsualTime, ms: number): void {
  if (!(ms >= 0)) return;
  const isLate = ms > boundMs(usual);
  addTtft(usual.quantiles, ms);
  usual.raisedMs *= FALL;
  if (isLate) addLate(usual, ms);
  const { samples } = usual.quantiles;
  if (samples >= LEAST_SAMPLES && (samples % REFRESH_SAMPLES === 0 || usual.learnedMs === undefined)) learn(usual);
}

/** Milliseconds beyond which a wait is not usual any more. */
export function boundMs({ floorMs, unknownMs, ceilingMs, learnedMs, raisedMs }: UsualTime): number {
  const known = learnedMs === undefined ? unknownMs : learnedMs;
  return Math.min(ceilingMs, Math.max(floorMs, known, raisedMs));
}

function learn(usual: UsualTime): void {
  const high = ttftQuantileMs(usual.quantiles, 0.99) ?? 0;
  const middle = ttftQuantileMs(usual.quantiles, 0.5) ?? high;
  usual.learnedMs = MARGIN * high * (high / middle) ** SPREAD_POWER;
}

function addLate(usual: UsualTime, ms: number): void {
  const { late, lateTimes } = usual;
  const sample = usual.quantiles.samples;
  late.push({ sample, ms });
  if (late.length > lateTimes) late.shift();
  const [first] = late;
  if (late.length < lateTimes || first === undefined || sample - first.sample >= LATE_MEMORY) return;
  // The middle one: a single one that hung does not decide how far the bound goes up.
  const middle = late.map((each) => each.ms).toSorted((a, b) => a - b)[Math.floor(lateTimes / 2)] ?? ms;
  usual.raisedMs = Math.max(usual.raisedMs, LATE_MARGIN * middle);
}
