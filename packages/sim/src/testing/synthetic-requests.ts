// Small made-up traffic for tests, and engines whose behaviour has a closed form.
import { ENGINE_PROFILES, type EngineProfile } from "@flyball/engine-model";
import { drawExponential } from "../random/draw.ts";
import { createSeededRandom } from "../random/seeded-random.ts";
import type { TraceRequest } from "../trace/trace-request.ts";

/** So many Poisson arrivals. */
export interface SyntheticOptions {
  readonly seed: number;
  readonly count: number;
  readonly meanGapMs: number;
  readonly meanInput: number;
  readonly meanOutput: number;
  readonly clients?: number;
  /** Prompts share prefixes of blocks of 16 tokens. */
  readonly hasBlocks?: boolean;
}

/** Exponential gaps and lengths, so memoryless but for rounding up to whole tokens. */
export function syntheticRequests(options: SyntheticOptions): readonly TraceRequest[] {
  const random = createSeededRandom(options.seed);
  let now = 0;
  return Array.from({ length: options.count }, (_, id): TraceRequest => {
    now += drawExponential(random, options.meanGapMs);
    const client = Math.floor(random() * (options.clients ?? 1));
    const inputTokens = Math.max(1, Math.ceil(drawExponential(random, options.meanInput)));
    const full = Math.floor(inputTokens / 16);
    return {
      id,
      arrivedAt: now,
      client: `client ${client}`,
      tenant: `tenant ${client % 2}`,
      model: "m",
      route: "/",
      classIndex: 0,
      inputTokens,
      maxOutputTokens: undefined,
      // The first half of the blocks is the client's own, the rest the request's.
      blocks:
        options.hasBlocks === true
          ? Array.from({ length: full }, (_block, index) =>
              index < full / 2 ? client * 1_000 + index : 1e6 + id * 1_000 + index,
            )
          : [],
      outputTokens: Math.max(1, Math.ceil(drawExponential(random, options.meanOutput))),
    };
  });
}

/** Slots that each write a token a millisecond, whatever the others do: a queue with so many servers. */
export function slotEngine(slots: number): EngineProfile {
  return {
    name: "slots",
    stepBaseMs: 1,
    perTokenMs: 0,
    perContextTokenMs: 0,
    attentionMs: 0,
    perSequenceMs: 0,
    stepOverheadMs: 0,
    requestOverheadMs: 0,
    maxConcurrency: slots,
    maxTokensPerStep: 100_000,
    kvCapacityTokens: 10_000_000,
    blockTokens: 16,
    hasPrefixCache: false,
    jitter: 0,
  };
}

/** A real profile made small, so that memory runs short with little traffic. */
export const SMALL_ENGINE: EngineProfile = {
  ...ENGINE_PROFILES["8b-a100"],
  name: "small",
  maxConcurrency: 16,
  kvCapacityTokens: 8_000,
  maxTokensPerStep: 512,
};
