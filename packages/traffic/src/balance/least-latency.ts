// The endpoint where a request would be answered soonest, as far as latencies tell: the latency of late times the requests that share it
// (peak EWMA, Finagle and linkerd). Needs latencies that somebody learns: `createPeakLatency`.
import type { Random } from "@flyball/core";
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { chooseLeastScore } from "./least-score.ts";

/** An endpoint of which no latency is known is tried as if it were this fast, ms. */
const UNKNOWN_MS = 1e-3;

/** Least latency × (requests + 1) ÷ weight. */
export function createLeastLatency(random: Random): Balancer {
  return { name: "least-latency", isSampled: true, choose: (candidates) => chooseLeastScore(candidates, cost, random) };
}

function cost(candidate: BalanceCandidate): number {
  return (Math.max(UNKNOWN_MS, candidate.latencyMs) * (candidate.inFlight + 1)) / candidate.weight;
}
