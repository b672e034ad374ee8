// How a batching engine settles at a rate of requests. The step takes longer the more sequences it carries, and the longer it takes, the more
// sequences there are (Little: those that write = rate × tokens × step). Where both agree is the step's time.
import { stepTimeMs, type EngineProfile } from "@flyball/engine-model";
import type { TrafficMix } from "./traffic-mix.ts";

/** One replica at one rate. Shares: 1 is all that there is. */
export interface SteadyState {
  /** Mean time of a step, which is the time between two tokens of a request. */
  readonly stepMs: number;
  /** Sequences that write, on average. */
  readonly decoding: number;
  readonly kvTokens: number;
  /** Of the time that reading prompts takes, or of the tokens that a step may carry, whichever is more. */
  readonly prefillShare: number;
  /** Of the sequences that may run. */
  readonly slotShare: number;
  readonly kvShare: number;
}

/** Undefined: the rate is beyond the engine's arithmetic, so the step would grow without bound. */
export function steadyStateOf(
  profile: EngineProfile,
  mix: TrafficMix,
  requestsPerSecond: number,
): SteadyState | undefined {
  const perMs = requestsPerSecond / 1_000;
  const stepAfter = (stepMs: number): number => stepTimeMs(profile, stepWork(mix, perMs * stepMs));
  const stepMs = findFixedPoint(stepAfter);
  if (stepMs === undefined) return undefined;
  const arrivals = perMs * stepMs;
  const decoding = arrivals * mix.outputTokens;
  const readTokenSteps = mix.readTokenSquares / profile.maxTokensPerStep;
  const kvTokens = arrivals * (mix.decodeTokenSteps + readTokenSteps);
  const readMs = mix.uncachedInputTokens * profile.perTokenMs + mix.attentionPairs * profile.attentionMs;
  const budgetShare = (arrivals * mix.uncachedInputTokens + decoding) / profile.maxTokensPerStep;
  return {
    stepMs,
    decoding,
    kvTokens,
    prefillShare: Math.max(perMs * readMs, budgetShare),
    slotShare: decoding / profile.maxConcurrency,
    kvShare: kvTokens / profile.kvCapacityTokens,
  };
}

/** What one step carries when so many requests arrive in it. */
function stepWork(mix: TrafficMix, arrivals: number): Parameters<typeof stepTimeMs>[1] {
  return {
    prefillTokens: arrivals * mix.uncachedInputTokens,
    decodeSequences: arrivals * mix.outputTokens,
    contextTokens: arrivals * mix.decodeTokenSteps,
    attentionPairs: arrivals * mix.attentionPairs,
  };
}

/** Beyond this no step is of use to anybody. */
const LONGEST_STEP_MS = 1e6;

/**
 * The time is convex in what the step carries and above zero at none, so there is one crossing, or none when the rate is too high: it is
 * bracketed by doubling and bisected.
 */
function findFixedPoint(stepAfter: (stepMs: number) => number): number | undefined {
  let high = Math.max(1e-6, stepAfter(0));
  while (stepAfter(high) > high) {
    high *= 2;
    if (high > LONGEST_STEP_MS) return undefined;
  }
  let low = 0;
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (stepAfter(middle) > middle) low = middle;
    else high = middle;
  }
  return high;
}
