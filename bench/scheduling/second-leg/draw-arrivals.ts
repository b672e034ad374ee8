// The arrivals of both legs: a stretch of conversations at a part of what the pool bears.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { sampleTrace, type Trace, type TraceRequest } from "@flyball/sim";

/** One draw, for a pool of equal engines. */
export interface ArrivalDraw {
  readonly requests: readonly TraceRequest[];
  readonly replicas: number;
  readonly judged: { readonly fromMs: number; readonly toMs: number };
}

/** The engines of both legs. */
export const PROFILE = ENGINE_PROFILES["8b-a100"];
/** Requests a second and engine at which least-request keeps 95 % within the objective: the knee of W1 ÷ 4. */
const KNEE_OF_ONE = 5.7;
const SEED = 1;

/** Draws them. The first sixth is warm-up: both predictors begin with nothing. */
export function drawArrivals(
  trace: Trace,
  { load, replicas, durationMs }: { readonly load: number; readonly replicas: number; readonly durationMs: number },
): ArrivalDraw {
  const ratePerSecond = load * KNEE_OF_ONE * replicas;
  const sample = sampleTrace(trace.requests, { seed: SEED, ratePerSecond, durationMs, profile: PROFILE });
  return {
    requests: sample.requests,
    replicas,
    judged: { fromMs: sample.durationMs / 6, toMs: sample.durationMs },
  };
}
