// The less loaded of two endpoints drawn by share weight: for several workers that choose at the same moment. If each took the least loaded
// one, all would pile on the same endpoint before its count moved.
import type { Random } from "@flyball/core";
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { shareWeight } from "./candidate.ts";
import { drawByShare } from "./draw-by-share.ts";
import { createLeastLoad } from "./least-load.ts";
import { SMALL_POOL } from "./two-choices.ts";

/** Two choices by own load after placing; all are looked at in a small pool. */
export function createTwoOfMany(random: Random): Balancer {
  const leastLoad = createLeastLoad(random);
  return {
    name: "two-choices",
    isSampled: true,
    choose(candidates, hash) {
      if (candidates.length <= SMALL_POOL) return leastLoad.choose(candidates, hash);
      const first = drawByShare(candidates, random, -1);
      const second = drawByShare(candidates, random, first);
      const one = candidates[first] as BalanceCandidate;
      const other = candidates[second] as BalanceCandidate;
      if (one.loadAfter === other.loadAfter) return shareWeight(other) > shareWeight(one) ? second : first;
      return other.loadAfter < one.loadAfter ? second : first;
    },
  };
}
