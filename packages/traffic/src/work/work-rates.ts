// What the tokens of one endpoint cost. Three numbers, because an engine that batches has three prices: reading a prompt is arithmetic,
// a further token of output is a place in a step, and every token in the context is read again in every step.

/** Prices of one endpoint, in milliseconds of engine time. All finite and ≥ 0. */
export interface WorkRates {
  /** Per prompt token that is not in the prefix cache (c_p). */
  readonly prefillMs: number;
  /** Per output token (c_d): its share of the step in which it is made. */
  readonly decodeMs: number;
  /** Per output token and token of context (k). */
  readonly contextMs: number;
}

/**
 * Before anything is known of an endpoint: an 8-billion-parameter model on one A100 with some thirty requests in a batch
 * (slope and base of the measurements published with Vidur, context term of BLIS).
 */
export const DEFAULT_WORK_RATES: WorkRates = Object.freeze({ prefillMs: 0.07, decodeMs: 0.35, contextMs: 0.000_12 });
