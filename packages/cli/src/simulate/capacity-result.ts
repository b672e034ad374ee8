// What `flyball simulate capacity` found for one profile: the formulas, the simulation, and whether they agree. Plain JSON.
import {
  CAPACITY_SHARE,
  confirmReplicas,
  type CapacityPlan,
  type Objective,
  planCapacity,
  type PolicySpec,
  type Trace,
  type TrafficMix,
} from "@flyball/sim";
import type { EngineProfile } from "@flyball/engine-model";
import type { CaseResult } from "./case-result.ts";
import { evenPool } from "./read-pools.ts";
import { runCase } from "./run-case.ts";

/** One number of replicas, simulated. */
export interface CapacityTrial {
  readonly replicas: number;
  readonly isKept: boolean;
  readonly goodShare: number;
  readonly ttft: CaseResult["ttft"];
  readonly itl: CaseResult["itl"];
  readonly flow: CaseResult["flow"];
}

/** The answer for one profile. */
export interface CapacityResult {
  readonly profile: string;
  readonly maxConcurrency: number;
  readonly kvCapacityTokens: number;
  readonly maxTokensPerStep: number;
  readonly requestsPerSecond: number;
  readonly objective: Objective;
  readonly attainment: number;
  readonly policy: string;
  /** Part of the least limit that is planned for. */
  readonly plannedShare: number;
  readonly plan: CapacityPlan;
  readonly trials: readonly CapacityTrial[];
  /** The least number that keeps the objective in simulation; undefined: none up to the bound does. */
  readonly replicas: number | undefined;
}

/** What to find. */
export interface CapacityQuestion {
  readonly profile: EngineProfile;
  readonly trace: Trace;
  readonly mix: TrafficMix;
  readonly loadFactor: number;
  readonly objective: Objective;
  readonly attainment: number;
  readonly policy: PolicySpec;
  readonly seed: number;
  readonly maxReplicas: number;
  readonly onTrial: (replicas: number) => Promise<void>;
}

/** Plans, then tries the plan, more while it is too few, fewer while it is more than enough. */
export async function findCapacity(question: CapacityQuestion): Promise<CapacityResult> {
  const { profile, trace, objective, attainment, policy, seed, loadFactor, maxReplicas, onTrial } = question;
  // Burstiness is that of the trace; only the rate is another.
  const requestsPerSecond = question.mix.requestsPerSecond * loadFactor;
  const plan = planCapacity({
    profile,
    mix: { ...question.mix, requestsPerSecond },
    objective,
    attainment,
    maxReplicas,
  });
  const measure = async (replicas: number): Promise<{ isKept: boolean; result: CaseResult }> => {
    await onTrial(replicas);
    const { requests, blockTokens } = trace;
    const pool = evenPool(replicas, profile);
    const result = runCase({ requests, blockTokens, policy, pool, loadFactor, objective, seed });
    return { isKept: result.goodShare >= attainment, result };
  };
  const planned = plan.outcome === "planned" ? plan.replicas : undefined;
  const { replicas, trials } =
    planned === undefined
      ? { replicas: undefined, trials: [] }
      : await confirmReplicas({ planned, maxReplicas, measure });
  return {
    profile: profile.name,
    maxConcurrency: profile.maxConcurrency,
    kvCapacityTokens: profile.kvCapacityTokens,
    maxTokensPerStep: profile.maxTokensPerStep,
    requestsPerSecond,
    objective,
    attainment,
    policy: policy.name,
    plannedShare: CAPACITY_SHARE,
    plan,
    trials: trials.map(({ replicas: count, isKept, result: { goodShare, ttft, itl, flow } }) => ({
      replicas: count,
      isKept,
      goodShare,
      ttft,
      itl,
      flow,
    })),
    replicas,
  };
}
