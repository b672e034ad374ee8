// The greatest rate of one replica by each limit: reading prompts if it did nothing else; decode slots, memory and the objective for the time between
// tokens with everything that it does. The least of them is the replica's capacity; an objective for the first token comes on top, by the wait.
import { stepTimeMs, type EngineProfile } from "@flyball/engine-model";
import { steadyStateOf, type SteadyState } from "./steady-state.ts";
import type { TrafficMix } from "./traffic-mix.ts";

/** What may bind. */
export type LimitName = "prefill" | "slots" | "memory" | "itl";

/** Requests per second of one replica under each limit; Infinity: it does not bind at any rate that was looked at. */
export interface ReplicaLimits {
  readonly prefill: number;
  readonly slots: number;
  readonly memory: number;
  readonly itl: number;
  /** The least, and which it is. */
  readonly requestsPerSecond: number;
  readonly binding: LimitName;
}

/** `tpotMs`: the objective for the time between tokens. */
export function replicaLimits(profile: EngineProfile, mix: TrafficMix, tpotMs: number): ReplicaLimits {
  const limitOf = (share: (state: SteadyState) => number): number => greatestRate(profile, mix, share);
  const limits = {
    prefill: readingRate(profile, mix),
    slots: limitOf(({ slotShare }) => slotShare),
    memory: limitOf(({ kvShare }) => kvShare),
    itl: limitOf(({ stepMs }) => stepMs / tpotMs),
  };
  const names = Object.keys(limits) as LimitName[];
  const binding = names.reduce((least, name) => (limits[name] < limits[least] ? name : least), "prefill");
  return { ...limits, binding, requestsPerSecond: limits[binding] };
}

/** Prompts in full steps, one step after the other. */
function readingRate({ maxTokensPerStep, ...timing }: EngineProfile, mix: TrafficMix): number {
  const attentionPairs = (mix.attentionPairs / mix.uncachedInputTokens) * maxTokensPerStep;
  const step = { prefillTokens: maxTokensPerStep, decodeSequences: 0, contextTokens: 0, attentionPairs };
  return (1_000 * maxTokensPerStep) / (stepTimeMs(timing, step) * mix.uncachedInputTokens);
}

const HIGHEST_RATE = 1e6;
const ROUNDS = 60;

/** All shares grow with the rate, so the place where one reaches 1 is bisected. A rate without a steady state is too high for each. */
function greatestRate(profile: EngineProfile, mix: TrafficMix, share: (state: SteadyState) => number): number {
  const fits = (rate: number): boolean => {
    const state = steadyStateOf(profile, mix, rate);
    return state !== undefined && share(state) <= 1;
  };
  if (fits(HIGHEST_RATE)) return Number.POSITIVE_INFINITY;
  let low = 0;
  let high = HIGHEST_RATE;
  for (let round = 0; round < ROUNDS; round += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
