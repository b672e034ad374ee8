// A draw among candidates in the proportions in which they should carry the load.
import type { Random } from "@flyball/core";
import { shareWeight, type Candidate } from "./candidate.ts";

/** Index drawn by share weight, any but `without` (−1: none is left out); −1 when there is none. Allocates nothing. */
export function drawByShare(candidates: readonly Candidate[], random: Random, without: number): number {
  let total = 0;
  for (let index = 0; index < candidates.length; index += 1) {
    if (index !== without) total += shareWeight(candidates[index] as Candidate);
  }
  let left = random() * total;
  let last = -1;
  for (let index = 0; index < candidates.length; index += 1) {
    if (index === without) continue;
    last = index;
    left -= shareWeight(candidates[index] as Candidate);
    if (left < 0) return index;
  }
  return last;
}
