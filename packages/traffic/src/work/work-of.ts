// The size by which requests are ordered and endpoints are filled: what a request adds to the work of a batch. It is not the time that the
// request would take alone: ordered by that, even exact knowledge of the output loses to ordering by prompt length past the knee.
import type { WorkRates } from "./work-rates.ts";

/**
 * Marginal work of a request in milliseconds of engine time: c_p·uncached + output·(c_d + k·(input + output/2)).
 *
 * While an answer of `outputTokens` grows, its context is on average the input and half of the output.
 *
 * ```ts
 * workOf({ prefillMs: 0.1, decodeMs: 0.5, contextMs: 0.001 }, 100, 300, 200); // 10 + 200 · (0.5 + 0.001 · 400) = 190
 * ```
 */
export function workOf(rates: WorkRates, uncachedTokens: number, inputTokens: number, outputTokens: number): number {
  const contextTokens = inputTokens + outputTokens / 2;
  return rates.prefillMs * uncachedTokens + outputTokens * (rates.decodeMs + rates.contextMs * contextTokens);
}
