// What an inference engine can do, as the few numbers that its step time depends on.
// They are measured or configured, never guessed per request, so that an engine and a simulation of it share one description.

/** The measured abilities of one batching engine. All numbers are finite and positive unless said otherwise. */
export interface EngineProfile {
  /** Prompt tokens that the engine reads in a second when it does nothing else. */
  readonly prefillTokensPerSecond: number;
  /** Time of a step that does next to nothing: reading the weights once, in milliseconds. */
  readonly stepBaseMs: number;
  /** What each decoding sequence adds to a step, in milliseconds. May be zero. */
  readonly perSequenceMs: number;
  /** Sequences that run at once; further ones wait. */
  readonly maxConcurrency: number;
  /** Tokens that one step processes, prompt chunks and decoded tokens together. */
  readonly maxTokensPerStep: number;
  /** Tokens for which the engine has key-value memory. */
  readonly kvCapacityTokens: number;
}

/**
 * An 8-billion-parameter model on one A100: step base and prefill slope from the measurements published with Vidur,
 * the slope per sequence from the published inter-token latencies at batch 1 and 64, the two limits as vLLM sets them.
 */
export const defaultEngineProfile: EngineProfile = Object.freeze({
  prefillTokensPerSecond: 14_600,
  stepBaseMs: 10.2,
  perSequenceMs: 0.03,
  maxConcurrency: 128,
  maxTokensPerStep: 2048,
  kvCapacityTokens: 400_000,
});
