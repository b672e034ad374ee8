// Workloads with one trace before equal replicas: W1, W3 and W5.
import { ENGINE_PROFILES, type EngineProfile } from "@flyball/engine-model";
import { OBJECTIVES, sampleTrace, type Objective, type Workload } from "@flyball/sim";
import type { TraceKind } from "../trace-files.ts";
import { judgedOf, type BuildInput, type WorkloadDefinition } from "./definition.ts";

const A100 = ENGINE_PROFILES["8b-a100"];
/**
 * A 7B model with 56 KiB a token (Qwen2.5-7B) on an H100, so that the cache holds more than what runs. The trace tells of blocks of 512
 * tokens, so the cache is kept in such; steps are short enough for the objective between tokens.
 */
const H100_CACHE: EngineProfile = {
  ...ENGINE_PROFILES["8b-h100"],
  name: "7b-h100",
  perContextTokenMs: 0.000_033,
  kvCapacityTokens: 950_000,
  maxTokensPerStep: 2_048,
  blockTokens: 512,
};

interface Setting {
  readonly kind: TraceKind;
  readonly profile: EngineProfile;
  readonly replicas: number;
  readonly objective: Objective;
  readonly keepsPrefixes?: boolean;
  /** Of the duration: where many requests come, half an hour of them says as much. */
  readonly durationShare?: number;
}

function buildOf(name: string, setting: Setting): (input: BuildInput) => Workload {
  const { kind, profile, replicas, objective } = setting;
  return ({ trace, seed, ratePerSecond, durationMs }) => {
    const source = trace(kind);
    const keepsPrefixes = setting.keepsPrefixes === true;
    const sample = sampleTrace(source.requests, {
      seed,
      ratePerSecond,
      durationMs: durationMs * (setting.durationShare ?? 1),
      profile,
      keepsPrefixes,
    });
    return {
      name,
      requests: sample.requests,
      history: sample.history,
      replicas: Array.from({ length: replicas }, () => ({ profile })),
      judged: judgedOf(sample.durationMs),
      objective,
      blockTokens: keepsPrefixes ? source.blockTokens : 0,
    };
  };
}

/** Azure's conversations: no client identity, many short answers. */
export const W1: WorkloadDefinition = {
  id: "W1",
  title: "Azure conversations on 4 × 8B-A100",
  traces: ["azure"],
  profile: A100,
  startRate: 20,
  groups: ["held orders", "oracles"],
  build: buildOf("W1", {
    kind: "azure",
    profile: A100,
    replicas: 4,
    objective: OBJECTIVES.standard,
    durationShare: 0.5,
  }),
};

/** A reasoning model's clients: long answers, memory is short. */
export const W3: WorkloadDefinition = {
  id: "W3",
  title: "ServeGen deepseek-r1 on 4 × 8B-A100",
  traces: ["servegen"],
  profile: A100,
  startRate: 5.6,
  groups: ["held placements", "held orders", "ablations", "oracles"],
  capacities: ["round-robin", "least-request", "shortest prompt first in engines", "flyball"],
  build: buildOf("W3", { kind: "servegen", profile: A100, replicas: 4, objective: OBJECTIVES.standard }),
};

/** Long conversations that share prefixes. Prompts of 85,000 tokens cannot be read in 2 s, so the objective grows with the prompt. */
export const W5: WorkloadDefinition = {
  id: "W5",
  title: "Mooncake conversations on 8 × 7B-H100, prefix caches",
  traces: ["mooncake"],
  profile: H100_CACHE,
  startRate: 6,
  groups: ["held placements"],
  capacities: ["round-robin", "least-request", "token-aware (llm-d)", "flyball"],
  build: buildOf("W5", {
    kind: "mooncake",
    profile: H100_CACHE,
    replicas: 8,
    objective: { ttftMs: 2_000, ttftPerTokenMs: 3 * H100_CACHE.perTokenMs, tpotMs: 100 },
    keepsPrefixes: true,
  }),
};
