// The endpoint with the fewest requests for its weight, whatever they are. Right where requests are alike and endpoints are; the others'
// capacities are not asked.
import type { Random } from "@flyball/core";
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { chooseLeastScore } from "./least-score.ts";

/** Fewest requests ÷ weight. */
export function createLeastRequest(random: Random): Balancer {
  return {
    name: "least-request",
    isSampled: true,
    choose: (candidates) => chooseLeastScore(candidates, requests, random),
  };
}

function requests(candidate: BalanceCandidate): number {
  return (candidate.inFlight + 1) / candidate.weight;
}
