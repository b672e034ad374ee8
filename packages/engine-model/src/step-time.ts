// A batching engine advances in steps: in each one every decoding sequence gains a token and waiting prompts are read in chunks.
// The time of a step is taken as linear in both. Below the knee where arithmetic overtakes memory traffic this is a little
// pessimistic; it keeps the order of magnitude and, above all, the coupling: a long prompt delays everybody's next token.

import type { EngineProfile } from "./engine-profile.ts";
import { prefillTimeMs } from "./prefill-time.ts";

/** What one step has to do. */
export interface StepWork {
  /** Prompt tokens read in this step. */
  readonly prefillTokens: number;
  /** Sequences that gain one token in this step. */
  readonly decodeSequences: number;
}

/**
 * Time of one step in milliseconds.
 *
 * ```ts
 * stepTimeMs({ ...defaultEngineProfile, prefillTokensPerSecond: 10_000, stepBaseMs: 10, perSequenceMs: 0.5 },
 *   { prefillTokens: 500, decodeSequences: 4 }); // 10 + 50 + 2 = 62
 * ```
 */
export function stepTimeMs(
  profile: Pick<EngineProfile, "prefillTokensPerSecond" | "stepBaseMs" | "perSequenceMs">,
  work: StepWork,
): number {
  return profile.stepBaseMs + prefillTimeMs(profile, work.prefillTokens) + profile.perSequenceMs * work.decodeSequences;
}
