// The time of one step of a batching engine. Two things bound its linear layers: reading the weights, the same for any number of
// tokens, and arithmetic, linear in them. The published measurements pass from one to the other smoothly, as the root of the sum
// of squares: it fits them within 3 to 7 % where the plain maximum is 9 to 14 % off, most at the knee. Attention is outside of
// that: decodes read the keys and values of their whole context, prompt chunks compute with what stands before them.

import type { EngineProfile } from "./engine-profile.ts";

/** What one step has to do. */
export interface StepWork {
  /** Prompt tokens read in this step. */
  readonly prefillTokens: number;
  /** Sequences that gain one token in this step by decoding. */
  readonly decodeSequences: number;
  /** Tokens to which those sequences attend, all together. */
  readonly contextTokens: number;
  /** Pairs of a prompt token read in this step and a token to which it attends: chunk × (before it + chunk ÷ 2). */
  readonly attentionPairs: number;
}

/** The part of a profile that decides a step's time. */
export type StepTiming = Pick<
  EngineProfile,
  "stepBaseMs" | "perTokenMs" | "perContextTokenMs" | "attentionMs" | "perSequenceMs" | "stepOverheadMs"
>;

/**
 * Time of one step in milliseconds, without jitter.
 *
 * ```ts
 * // Eight sequences of 1000 tokens each on one A100: √(10.2² + (8 · 0.0686)²) + 8000 · 0.000125 + 8 · 0.00442 + 0.3
 * stepTimeMs(defaultEngineProfile, { prefillTokens: 0, decodeSequences: 8, contextTokens: 8000, attentionPairs: 0 }); // 11.55
 * ```
 */
export function stepTimeMs(timing: StepTiming, work: StepWork): number {
  const arithmeticMs = timing.perTokenMs * (work.prefillTokens + work.decodeSequences);
  return (
    Math.sqrt(timing.stepBaseMs * timing.stepBaseMs + arithmeticMs * arithmeticMs) +
    timing.perContextTokenMs * work.contextTokens +
    timing.attentionMs * work.attentionPairs +
    timing.perSequenceMs * work.decodeSequences +
    timing.stepOverheadMs
  );
}
