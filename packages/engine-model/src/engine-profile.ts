// What an inference engine can do, as the few numbers that its step time and its memory depend on.
// They are measured or configured, never guessed per request, so that an engine and a simulation of it share one description.

/** The measured abilities of one batching engine. All numbers are finite and not negative; limits are whole and at least 1. */
export interface EngineProfile {
  /** For example `8b-a100`: the model's size and the accelerator. */
  readonly name: string;
  /** Least time of a step: the weights are read once, in milliseconds. */
  readonly stepBaseMs: number;
  /** Time that a processed token (of a prompt or decoded) adds once arithmetic is the bound, in milliseconds. */
  readonly perTokenMs: number;
  /** Time to read the keys and values of one context token of one decoding sequence, in milliseconds. */
  readonly perContextTokenMs: number;
  /** Attention of a prompt chunk: milliseconds for one chunk token attending to one token. */
  readonly attentionMs: number;
  /** What each decoding sequence adds to a step beside its token and its context (sampling, detokenizing), in milliseconds. */
  readonly perSequenceMs: number;
  /** What every step costs beside the model: scheduler, launches, all-reduce; in milliseconds. */
  readonly stepOverheadMs: number;
  /** Once a request, before the engine's scheduler sees it (API server, tokenizer); steps do not wait for it. In milliseconds. */
  readonly requestOverheadMs: number;
  /** Sequences that run at once; further ones wait. */
  readonly maxConcurrency: number;
  /** Tokens that one step processes, prompt chunks and decoded tokens together. Counts as `maxConcurrency` where it is less. */
  readonly maxTokensPerStep: number;
  /** Tokens for which the engine has key-value memory. */
  readonly kvCapacityTokens: number;
  /** Tokens of one block of that memory (vLLM: 16; the Mooncake traces: 512). */
  readonly blockTokens: number;
  /** Whether full blocks of prompts are kept and shared between requests with the same beginning. */
  readonly hasPrefixCache: boolean;
  /** Relative standard deviation of a step's time; 0 is none. */
  readonly jitter: number;
}
