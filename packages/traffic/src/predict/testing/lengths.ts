// Lengths of answers for tests, the same for the same seed.
import { seededRandom } from "@flyball/fakes";

/** Draws lengths. */
export interface Lengths {
  /** Log-normal with this median and standard deviation of the logarithm; whole, at least 1. */
  around(median: number, spread: number): number;
  /** Log-uniform. */
  between(low: number, high: number): number;
}

/** A sequence of lengths. */
export function createLengths(seed: number): Lengths {
  const random = seededRandom(seed);
  return {
    around(median, spread) {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.max(1, Math.round(median * Math.exp(spread * normal)));
    },
    between: (low, high) => low * (high / low) ** random(),
  };
}
