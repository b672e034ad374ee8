// Which work one step of a batching engine does. Decoding sequences come first, one token each, because a started answer
// must not stall; what is left of the step's tokens reads waiting prompts in chunks, oldest first. This is vLLM's order.

import type { StepWork } from "@flyball/engine-model";

/** How far one running sequence is. */
export interface SequenceProgress {
  readonly promptTokens: number;
  /** Prompt tokens read so far. */
  readonly prefilledTokens: number;
}

/** What one step does: for each running sequence, in order, the prompt tokens it reads; and whether it gains a token. */
export interface StepPlan {
  readonly work: StepWork;
  readonly shares: readonly StepShare[];
}

/** One sequence's part of a step. The step that reads the last prompt token also gives the first token of the answer. */
export interface StepShare {
  readonly prefillTokens: number;
  readonly gainsToken: boolean;
}

/** Plans the next step for the running sequences, which are ordered by arrival. Always moves at least one of them on. */
export function planStep(running: readonly SequenceProgress[], maxTokensPerStep: number): StepPlan {
  const decodeSequences = running.filter(isPrefilled).length;
  const prefillBudget = Math.max(maxTokensPerStep - decodeSequences, decodeSequences > 0 ? 0 : 1);
  let prefillTokens = 0;
  const shares = running.map((sequence): StepShare => {
    if (isPrefilled(sequence)) return { prefillTokens: 0, gainsToken: true };
    const missing = sequence.promptTokens - sequence.prefilledTokens;
    const chunk = Math.min(missing, prefillBudget - prefillTokens);
    prefillTokens += chunk;
    return { prefillTokens: chunk, gainsToken: chunk === missing };
  });
  return { work: { prefillTokens, decodeSequences }, shares };
}

function isPrefilled(sequence: SequenceProgress): boolean {
  return sequence.prefilledTokens >= sequence.promptTokens;
}
