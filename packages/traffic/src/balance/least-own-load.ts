// Placement: the endpoint whose own load after placing is least (design §7). Minimising the pool's weighted average load instead
// would ignore the load, because its increment is the same everywhere.
import type { Random } from "@flyball/core";
import { loadAfterPlacing, shareWeight, type Candidate } from "./candidate.ts";

/**
 * Index of the candidate with the least own load after placing; ties are broken at random by share weight.
 * −1 when there is none. O(n), allocates nothing.
 */
export function chooseLeastOwnLoad(candidates: readonly Candidate[], random: Random): number {
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  let tiedWeight = 0;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index] as Candidate;
    const load = loadAfterPlacing(candidate);
    if (load < least) {
      least = load;
      chosen = index;
      tiedWeight = shareWeight(candidate);
    } else if (load === least) {
      const weight = shareWeight(candidate);
      tiedWeight += weight;
      if (random() * tiedWeight < weight) chosen = index;
    }
  }
  return chosen;
}
