// Quantiles by nearest rank: every value was really measured.

/** The least value that the share (0 to 1) of the values does not exceed; undefined of none. */
export function quantileOf(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
