// How sure a ratio between two policies is. Both met the same seeds, so what is drawn anew are seeds, each with both its values: what a seed
// does to both policies then cancels out.
import type { Random } from "@flyball/core";

/** An estimate with its 95 % interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const DRAWS = 4_000;

/** The geometric mean of the ratios `left[i] / right[i]`, with percentile bootstrap bounds. All values > 0. */
export function pairedRatio(left: readonly number[], right: readonly number[], random: Random): Interval {
  const logs = left.map((value, index) => Math.log(value / (right[index] as number)));
  const { estimate, low, high } = bootstrapMean(logs, random);
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}

/** The mean of the differences `left[i] − right[i]`, with percentile bootstrap bounds. */
export function pairedDifference(left: readonly number[], right: readonly number[], random: Random): Interval {
  return bootstrapMean(
    left.map((value, index) => value - (right[index] as number)),
    random,
  );
}

function bootstrapMean(values: readonly number[], random: Random): Interval {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  if (values.length === 0) return { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
  const means = Array.from({ length: DRAWS }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] as number)),
  ).toSorted((a, b) => a - b);
  return {
    estimate: mean(values),
    low: means[Math.floor(0.025 * DRAWS)] as number,
    high: means[Math.ceil(0.975 * DRAWS) - 1] as number,
  };
}
