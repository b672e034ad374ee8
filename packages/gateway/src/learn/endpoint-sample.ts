// What a worker sees of an endpoint's speed, on its way to the main thread, which learns from all workers together.

/** Tokens that came in one look, and what was going on meanwhile. */
export interface GapSample {
  readonly endpoint: string;
  /** Mean time between two tokens of one answer, ms. */
  readonly itlMs: number;
  /** Tokens that it stands for. */
  readonly gaps: number;
  /** Requests there that were being answered and all in flight, of every worker. */
  readonly running: number;
  readonly active: number;
  /** Tokens in the contexts of those that were being answered. */
  readonly contextTokens: number;
  /** Some prompt was being read: a token waits for it. */
  readonly isReading: boolean;
}

/** One first token. */
export interface FirstTokenSample {
  readonly endpoint: string;
  /** Since it was sent. */
  readonly ttftMs: number;
  /** Prompt tokens that had to be read before it, its own included: without those that were cached, as its endpoint said or as was expected. */
  readonly uncachedTokens: number;
  readonly running: number;
  readonly active: number;
}

/** All of one look. Bounded by the endpoints, and by `MAX_FIRST_TOKENS`. */
export interface TimingSamples {
  readonly gaps: readonly GapSample[];
  readonly firstTokens: readonly FirstTokenSample[];
}

/** First tokens that one look carries; what comes beyond is left out, there is more than enough to learn from. */
export const MAX_FIRST_TOKENS = 128;
