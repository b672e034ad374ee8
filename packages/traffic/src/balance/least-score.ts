// The candidate with the least score; equals are drawn by share weight, so that an idle pool is used in the proportions of its capacities.
import type { Random } from "@flyball/core";
import type { BalanceCandidate } from "./balancer.ts";
import { shareWeight } from "./candidate.ts";

/** Its index; −1 when there is none. Allocates nothing. */
export function chooseLeastScore(
  candidates: readonly BalanceCandidate[],
  scoreOf: (candidate: BalanceCandidate) => number,
  random: Random,
): number {
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  let tiedWeight = 0;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index] as BalanceCandidate;
    const score = scoreOf(candidate);
    if (score > least) continue;
    const weight = shareWeight(candidate);
    tiedWeight = score < least ? weight : tiedWeight + weight;
    least = score;
    if (tiedWeight === weight || random() * tiedWeight < weight) chosen = index;
  }
  return chosen;
}
