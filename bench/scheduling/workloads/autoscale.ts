// W9: a day in six hours, with a step to three times the load for a minute every three quarters of an hour, and replicas that take 90 s to start.
// The router is the same for all; what differs is who decides how many replicas there are, and what load they aim at.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { createPoolScaler, OBJECTIVES, sampleTrace, warpRate, type ScalePlan, type ScalerName } from "@flyball/sim";
import type { WorkloadDefinition } from "./definition.ts";

const A100 = ENGINE_PROFILES["8b-a100"];
const MINUTE_MS = 60_000;
const MOST_REPLICAS = 16;
/** Of the knee of four replicas: at the height of the day, without the steps, six are busy. */
const MEAN_SHARE = 1;
const SWING = 0.6;
const BURST_EVERY_MS = 45 * MINUTE_MS;

const SCALERS: readonly ScalerName[] = ["flyball", "hpa", "kpa"];
/** Loads aimed at. The others count requests against the engine's limit, of which far fewer keep the objective. */
const TARGETS: Readonly<Record<ScalerName, readonly number[]>> = {
  flyball: [0.15, 0.175, 0.2, 0.25, 0.3, 0.4],
  hpa: [0.15, 0.2, 0.25, 0.3],
  kpa: [0.1, 0.15, 0.2],
};

/** `hpa @ 0.3`. */
export function scalerNames(): readonly string[] {
  return SCALERS.flatMap((scaler) => TARGETS[scaler].map((target) => `${scaler} @ ${target}`));
}

function planOf(name: string): ScalePlan {
  const [scaler, target] = name.split(" @ ") as [ScalerName, string];
  const bounds = { min: 1, max: MOST_REPLICAS };
  return { ...bounds, scaler: createPoolScaler(scaler, Number(target), bounds), initial: 4, coldStartMs: 90_000 };
}

export const W9: WorkloadDefinition = {
  id: "W9",
  title: "Azure conversations over a day in six hours with bursts, 1 to 16 × 8B-A100",
  traces: ["azure"],
  profile: A100,
  startRate: 20,
  kneeOf: "W1",
  groups: [],
  scale: { names: scalerNames(), planOf },
  build({ trace, seed, ratePerSecond, durationMs }) {
    const dayMs = 6 * durationMs;
    const factorAt = (ms: number): number => {
      const hour = 1 - SWING * Math.cos((2 * Math.PI * ms) / dayMs);
      const isBurst = ms % BURST_EVERY_MS >= BURST_EVERY_MS - MINUTE_MS;
      return hour * (isBurst ? 3 : 1);
    };
    const sample = sampleTrace(trace("azure").requests, {
      seed,
      ratePerSecond: ratePerSecond * MEAN_SHARE,
      durationMs: dayMs * 1.2,
      profile: A100,
    });
    return {
      name: "W9",
      requests: warpRate(sample.requests, factorAt, dayMs),
      history: sample.history,
      replicas: Array.from({ length: MOST_REPLICAS }, () => ({ profile: A100 })),
      judged: { fromMs: Math.min(10 * MINUTE_MS, dayMs / 8), toMs: dayMs },
      objective: OBJECTIVES.standard,
      blockTokens: 0,
    };
  },
};
