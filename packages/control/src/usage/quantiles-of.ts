// Quantiles of measurements by the nearest rank: every figure that is shown was really measured.
import type { Quantiles } from "@flyball/core";

/** undefined without measurements; the last one counts as now. */
export function quantilesOf(values: readonly number[]): Quantiles | undefined {
  const now = values.at(-1);
  if (now === undefined) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? now;
  return { now, p50: at(0.5), p95: at(0.95), max: at(1) };
}
