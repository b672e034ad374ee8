// The leg in simulation: our router with the balancer that the gateway has in the other leg.
import { createFlyballPolicy, OBJECTIVES, simulate, summarise } from "@flyball/sim";
import type { BalanceAlgorithm } from "@flyball/core";
import { PROFILE, type ArrivalDraw } from "./draw-arrivals.ts";
import type { LegFigures } from "./print-legs.ts";

/** Simulates it. */
export function simulateArrivals({ requests, replicas, judged }: ArrivalDraw, balance: BalanceAlgorithm): LegFigures {
  const result = simulate({
    requests,
    replicas: Array.from({ length: replicas }, () => ({ profile: PROFILE })),
    policy: {
      name: balance,
      form: "ours",
      create: (world, truth) => createFlyballPolicy(world, truth, { balance }),
    },
    seed: 1,
    judged,
  });
  const summary = summarise(result, { requests, judged, objective: OBJECTIVES.standard, profile: PROFILE });
  const { refused, cut, failed, ttft, e2e, goodput } = summary;
  return {
    requests: summary.requests,
    lost: refused + cut + failed,
    ttftMeanMs: ttft.mean,
    ttftP99Ms: ttft.p99,
    e2eMeanMs: e2e.mean,
    goodput: goodput.own,
  };
}
