// How much a list of requests asks of an engine. Loads are told in it: two draws with the same number of requests may differ by some percent in
// what they ask, and at the knee that is a lot.
import type { EngineProfile } from "@flyball/engine-model";
import { workOf } from "@flyball/traffic";
import type { TraceRequest } from "../trace/trace-request.ts";

/** A batch in which the fixed cost of a step is shared, for the price of a token. */
const USUAL_BATCH = 64;

/** Marginal work of all, ms of one engine. Known prefixes are not taken off. */
export function offeredWorkMs(requests: readonly TraceRequest[], profile: EngineProfile): number {
  const batch = Math.min(USUAL_BATCH, profile.maxConcurrency);
  const rates = {
    prefillMs: profile.perTokenMs,
    decodeMs: (profile.stepBaseMs + profile.stepOverheadMs) / batch + profile.perSequenceMs,
    contextMs: profile.perContextTokenMs,
  };
  let sum = 0;
  for (const { inputTokens, outputTokens } of requests) sum += workOf(rates, inputTokens, inputTokens, outputTokens);
  return sum;
}
