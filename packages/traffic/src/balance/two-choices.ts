// Placement when several workers choose at the same moment: the better of two random endpoints. If each took the least loaded one,
// all would pile on the same endpoint before its count moved. Both are drawn by share weight, so a large endpoint among many small
// ones is still seen as often as it should be used.
import type { Random } from "@flyball/core";
import { loadAfterPlacing, type Candidate } from "./candidate.ts";
import { drawByShare } from "./draw-by-share.ts";
import { chooseLeastOwnLoad } from "./least-own-load.ts";

/** In a pool of up to this many, two would be half of it: all are looked at, which keeps the shares exact. */
export const SMALL_POOL = 4;

/** Index of the better of two different candidates drawn by share weight; −1 when there is none. Allocates nothing. */
export function chooseOfTwo(candidates: readonly Candidate[], random: Random): number {
  if (candidates.length <= SMALL_POOL) return chooseLeastOwnLoad(candidates, random);
  const first = drawByShare(candidates, random, -1);
  const second = drawByShare(candidates, random, first);
  const one = loadAfterPlacing(candidates[first] as Candidate);
  const other = loadAfterPlacing(candidates[second] as Candidate);
  return other < one ? second : first;
}
