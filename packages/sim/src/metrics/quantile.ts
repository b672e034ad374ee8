// Quantiles of what was measured, by nearest rank: every value was really seen.

/** The least value that the share (0–1) of the sorted values does not exceed; NaN of none. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

/** Arithmetic mean; NaN of none. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] as number;
  return sum / values.length;
}

/** Mean, usual quantiles and the greatest. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Of any values; the list itself is left as it is. */
export function spreadOf(values: Float64Array): Spread {
  const sorted = values.toSorted();
  return {
    mean: meanOf(sorted),
    p50: quantileOf(sorted, 0.5),
    p90: quantileOf(sorted, 0.9),
    p95: quantileOf(sorted, 0.95),
    p99: quantileOf(sorted, 0.99),
    max: quantileOf(sorted, 1),
  };
}
