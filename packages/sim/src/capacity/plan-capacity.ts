// How many replicas an objective needs, by formulas alone: the least limit of a replica, some room above it, and then as many more as the wait for
// the first token asks for. A simulation checks it afterwards; the formulas say why.
import { stepTimeMs, type EngineProfile } from "@flyball/engine-model";
import type { Objective } from "../metrics/objective.ts";
import { replicaLimits, type ReplicaLimits } from "./replica-limits.ts";
import { steadyStateOf, type SteadyState } from "./steady-state.ts";
import type { TrafficMix } from "./traffic-mix.ts";
import { waitQuantileMs } from "./waiting-time.ts";

/** What to plan for. */
export interface CapacityInput {
  readonly profile: EngineProfile;
  readonly mix: TrafficMix;
  readonly objective: Objective;
  /** Share of requests that has to keep it, such as 0.95. */
  readonly attainment: number;
  /** No more than so many are thought of. */
  readonly maxReplicas: number;
}

/** The plan, or why there is none. */
export type CapacityPlan =
  | {
      readonly outcome: "planned";
      readonly replicas: number;
      readonly limits: ReplicaLimits;
      /** One replica at its share of the rate. */
      readonly state: SteadyState;
      /** First token of all but `1 − attainment`, ms. */
      readonly ttftMs: number;
      /** Whether the wait for the first token asked for more than the limits did. */
      readonly isForTtft: boolean;
    }
  /** No number of replicas helps: `aloneMs` is what a long prompt or a step takes on an idle engine. */
  | {
      readonly outcome: "impossible";
      readonly what: "ttft" | "itl";
      readonly aloneMs: number;
      readonly limits: ReplicaLimits;
    }
  | { readonly outcome: "too-many"; readonly limits: ReplicaLimits };

/** Part of a limit that is planned for: past it waits grow steeply. */
export const CAPACITY_SHARE = 0.8;

/** Plans replicas of one profile. */
export function planCapacity(input: CapacityInput): CapacityPlan {
  const { profile, mix, objective, maxReplicas } = input;
  const limits = replicaLimits(profile, mix, objective.tpotMs);
  const alone = steadyStateOf(profile, mix, 0) as SteadyState;
  if (alone.stepMs > objective.tpotMs) return { outcome: "impossible", what: "itl", aloneMs: alone.stepMs, limits };
  const bound = objective.ttftMs + (objective.ttftPerTokenMs ?? 0) * mix.longInputTokens;
  const idleMs = firstTokenMs({ ...input, mix: { ...mix, requestsPerSecond: 0 } }, alone, 1);
  if (idleMs > bound) return { outcome: "impossible", what: "ttft", aloneMs: idleMs, limits };
  const least = Math.max(1, Math.ceil(mix.requestsPerSecond / limits.requestsPerSecond / CAPACITY_SHARE - 1e-9));
  for (let replicas = least; replicas <= maxReplicas; replicas += 1) {
    const state = steadyStateOf(profile, mix, mix.requestsPerSecond / replicas);
    if (state === undefined) continue;
    const ttftMs = firstTokenMs(input, state, replicas);
    if (ttftMs <= bound) return { outcome: "planned", replicas, limits, state, ttftMs, isForTtft: replicas > least };
  }
  return { outcome: "too-many", limits };
}

/**
 * The first token of all but 1 − attainment: the request's way, the step in progress, reading a long prompt beside the sequences that write, the
 * wait for a slot and the wait for the prompts before it. Replicas count as servers of one queue, as the gateway's late binding makes them.
 */
function firstTokenMs({ profile, mix, attainment }: CapacityInput, state: SteadyState, replicas: number): number {
  const late = 1 - attainment;
  const { arrivalVariation } = mix;
  const tokensOfSequence = state.decoding > 0 ? Math.max(1, state.kvTokens / state.decoding) : 1;
  const places = Math.max(1, Math.min(profile.maxConcurrency, profile.kvCapacityTokens / tokensOfSequence));
  const slots = {
    servers: replicas * places,
    utilisation: state.decoding / places,
    serviceMs: mix.outputTokens * state.stepMs,
  };
  const readers = {
    servers: replicas,
    utilisation: state.prefillShare,
    serviceMs: readMs(profile, mix.uncachedInputTokens, state),
  };
  return (
    profile.requestOverheadMs +
    state.stepMs / 2 +
    readMs(profile, mix.longInputTokens, state) +
    waitQuantileMs({ ...slots, arrivalVariation, serviceVariation: mix.outputVariation }, late) +
    waitQuantileMs({ ...readers, arrivalVariation, serviceVariation: mix.inputVariation }, late)
  );
}

/** Time to read a prompt in equal chunks beside the sequences that write. */
function readMs(profile: EngineProfile, tokens: number, state: SteadyState): number {
  const room = Math.max(1, profile.maxTokensPerStep - state.decoding);
  const chunks = Math.ceil(tokens / room);
  const step = {
    prefillTokens: tokens / chunks,
    decodeSequences: state.decoding,
    contextTokens: state.kvTokens,
    attentionPairs: tokens ** 2 / 2 / chunks,
  };
  return chunks * stepTimeMs(profile, step);
}
