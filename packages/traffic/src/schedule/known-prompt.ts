// What is known of a prompt when its request is put in line: where most of it has been read already, and the work that is left there.
import { uncachedTokensAt, warmestEndpoint } from "./place/placer.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import type { SchedulerState } from "./scheduler-state.ts";

/** The endpoint that knows most of a prompt (−1: none), the tokens that it would have to read, what each takes, and the work in all, ms. */
export interface KnownPrompt {
  readonly warmEndpoint: number;
  readonly warmTokens: number;
  readonly prefillMs: number;
  readonly workMs: number;
}

/** Looks at it as things are now. */
export function knownOf({ placer, book }: SchedulerState, request: ScheduledRequest): KnownPrompt {
  const warmEndpoint = warmestEndpoint(placer, request);
  const warmTokens = warmEndpoint < 0 ? request.inputTokens : uncachedTokensAt(placer, warmEndpoint, request);
  const { prefillMs } = book.limits(Math.max(0, warmEndpoint)).rates;
  const workMs = Math.max(0, request.workMs - (request.inputTokens - warmTokens) * prefillMs);
  return { warmEndpoint, warmTokens, prefillMs, workMs };
}
