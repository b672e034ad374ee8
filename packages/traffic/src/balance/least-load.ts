// The default: the endpoint whose own load after placing is least (design §7).
import type { Random } from "@flyball/core";
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { chooseLeastScore } from "./least-score.ts";

/** Least own load after placing. */
export function createLeastLoad(random: Random): Balancer {
  return {
    name: "least-load",
    isSampled: true,
    choose: (candidates) => chooseLeastScore(candidates, loadAfter, random),
  };
}

function loadAfter(candidate: BalanceCandidate): number {
  return candidate.loadAfter;
}
