// What is said of an answer before it is there. A distribution and not a number: the median orders requests, the upper quantile reserves
// memory, and what is left is another question after a thousand tokens than before the first.

/** Distribution of the output tokens of one request, bounded by its own `max_tokens`. All numbers are finite and ≥ 0. */
export interface OutputPrediction {
  /** Median: orders requests. */
  readonly p50: number;
  /** Nine of ten answers are no longer: reserves memory. */
  readonly p90: number;
  readonly mean: number;
  /** Observations behind it at the finest level used; the weight of old ones is less than 1. */
  readonly seen: number;
  /** Expected tokens still to come when `tokens` have come and the answer goes on: E[X − tokens | X > tokens]. */
  remainingAfter(tokens: number): number;
  /** The length that a share (0–1) of those answers does not exceed that are longer than `tokens`; at least `tokens`. */
  quantileAfter(share: number, tokens: number): number;
}
