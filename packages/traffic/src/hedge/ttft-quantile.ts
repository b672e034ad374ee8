// Quantiles of the time to the first token, learned online in bounded memory: a histogram with eight buckets to each doubling, so that a
// quantile is right within 4.5 % over the whole range. Old samples fade: each new one weighs a little more than the one before, which is
// the same as letting the past decay, at the price of one addition (G. Cormode et al., Forward decay, ICDE 2009).

const LEAST_MS = 1;
const BUCKETS_PER_DOUBLING = 8;
/** From 1 ms to 2^21 ms, about 35 minutes; what is outside counts at the end. */
const BUCKETS = 21 * BUCKETS_PER_DOUBLING;
/** After this many samples an old one counts half. */
const HALF_LIFE_SAMPLES = 500;
const GROWTH = 2 ** (1 / HALF_LIFE_SAMPLES);
/** Weights are scaled down before they leave the exact range. */
const HEAVIEST = 2 ** 40;

/** The histogram of one model. About 1.4 kB. */
export interface TtftQuantiles {
  readonly weights: Float64Array;
  total: number;
  nextWeight: number;
  /** Samples so far, as many as they were. */
  samples: number;
}

/** An empty histogram. */
export function createTtftQuantiles(): TtftQuantiles {
  return { weights: new Float64Array(BUCKETS), total: 0, nextWeight: 1, samples: 0 };
}

/** Counts one time to the first token, in milliseconds. Allocates nothing. */
export function addTtft(quantiles: TtftQuantiles, ttftMs: number): void {
  const doublings = Math.log2(Math.max(LEAST_MS, ttftMs) / LEAST_MS);
  const bucket = Math.min(BUCKETS - 1, Math.floor(doublings * BUCKETS_PER_DOUBLING));
  quantiles.weights[bucket] = (quantiles.weights[bucket] ?? 0) + quantiles.nextWeight;
  quantiles.total += quantiles.nextWeight;
  quantiles.samples += 1;
  quantiles.nextWeight *= GROWTH;
  if (quantiles.nextWeight > HEAVIEST) scaleDown(quantiles);
}

/** The time that a share (0–1) of the samples stays below, in milliseconds; undefined without samples. */
export function ttftQuantileMs({ weights, total, samples }: TtftQuantiles, share: number): number | undefined {
  if (samples === 0) return undefined;
  const wanted = total * share;
  let below = 0;
  let last = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const weight = weights[bucket] as number;
    if (weight === 0) continue;
    last = bucket;
    below += weight;
    if (below >= wanted) break;
  }
  return LEAST_MS * 2 ** ((last + 0.5) / BUCKETS_PER_DOUBLING);
}

function scaleDown(quantiles: TtftQuantiles): void {
  const { weights, nextWeight } = quantiles;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) weights[bucket] = (weights[bucket] as number) / nextWeight;
  quantiles.total /= nextWeight;
  quantiles.nextWeight = 1;
}
