// The own load of an endpoint: the largest of what could hold it up (design §7): prompts to be read, requests in the batch, memory.
import type { EndpointLimits } from "../schedule/book/endpoint-limits.ts";

/** What is in flight at an endpoint. */
export interface InFlightAmounts {
  readonly active: number;
  readonly prefillTokens: number;
  readonly kvTokens: number;
}

/**
 * L of one endpoint: max(prefill ms ÷ `prefillBudgetMs`, active ÷ cap, KV ÷ KV cap). Prompts are counted in the endpoint's own
 * milliseconds, so that a slow one is fuller with the same prompt. What has no limit does not count.
 */
export function ownLoad(limits: EndpointLimits, amounts: InFlightAmounts, prefillBudgetMs: number): number {
  const prefill = (amounts.prefillTokens * limits.rates.prefillMs) / prefillBudgetMs;
  return Math.max(prefill, amounts.active / Math.max(1, limits.activeCap), amounts.kvTokens / limits.kvTokenCap);
}
