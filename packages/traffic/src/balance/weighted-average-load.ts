// The pool's weighted average load (design §7): what sheds, scales and is on the screen. It never decides placement.
import { loadOf, shareWeight, type Candidate } from "./candidate.ts";

/** One endpoint's load and the weight that it counts with. */
export interface WeightedLoad {
  readonly load: number;
  readonly weight: number;
}

/** WAL = Σ wᵢLᵢ ÷ Σ wᵢ; 0 for an empty pool. Example: w = 2, 1, 1 and L = 20, 15, 10 give 16.25. */
export function weightedAverageLoad(parts: readonly WeightedLoad[]): number {
  let sum = 0;
  let weights = 0;
  for (const part of parts) {
    sum += part.weight * part.load;
    weights += part.weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

/** WAL of endpoints, with L = in flight ÷ capacity and w = capacity × weight. */
export function poolLoad(candidates: readonly Candidate[]): number {
  return weightedAverageLoad(
    candidates.map((candidate) => ({ load: loadOf(candidate), weight: shareWeight(candidate) })),
  );
}
