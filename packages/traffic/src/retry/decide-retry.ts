// Whether a failed attempt may be followed by another, exactly as design §6: always when no byte of the request was written upstream;
// after that only when the request cannot have changed anything twice, or its owner said that he accepts it. Pure.
import type { ErrorCode } from "@flyball/core";

/** What is known when an attempt has failed. */
export interface RetryInput {
  readonly method: string;
  readonly hasIdempotencyKey: boolean;
  /** A model API call of which the client has not seen content. */
  readonly isModelCallBeforeCommit: boolean;
  /** The route or service opted in to retries of requests that may have been executed. */
  readonly isUnsafeAllowed: boolean;
  /** A byte of the request was written upstream. */
  readonly wasSent: boolean;
  /** Something of a response went to the client. */
  readonly isResponseStarted: boolean;
  /** The whole body can be sent again. */
  readonly isBodyReplayable: boolean;
  /** stuck: it waits at an endpoint that is silent, and is taken away from there only to be sent again. */
  readonly failure: "refused" | "reset" | "timeout" | "stuck";
  /** Attempts made that sent something, this one included. */
  readonly attemptsSent: number;
  /** Further attempts that the route allows after the first. */
  readonly retriesAllowed: number;
  /** Takes one retry from the pool's budget. Asked last, and only when everything else allows the retry. */
  readonly takeBudget: () => boolean;
}

/** The decision with its reason, for the record. */
export type RetryDecision =
  | { readonly action: "retry"; readonly reason: string }
  | { readonly action: "give-up"; readonly code: ErrorCode; readonly reason: string }
  /** Too late for any answer: the client's connection must be broken off, never ended cleanly. */
  | { readonly action: "break-off"; readonly reason: string };

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Whether a request of this method changes nothing more when it is executed twice (RFC 9110, 9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** Decides after a failed attempt. */
export function decideRetry(input: RetryInput): RetryDecision {
  if (input.isResponseStarted) {
    return { action: "break-off", reason: "the response had begun" };
  }
  if (!input.wasSent) return { action: "retry", reason: "nothing was sent" };
  const safety = whySafe(input);
  if (safety === undefined) return giveUp(input, "it may have been executed");
  if (input.failure === "timeout" && !input.isModelCallBeforeCommit) {
    return giveUp(input, "the time for it has passed");
  }
  if (!input.isBodyReplayable) return giveUp(input, "its body was too large to keep");
  if (input.attemptsSent > input.retriesAllowed) return giveUp(input, "all attempts are used");
  if (!input.takeBudget()) return giveUp(input, "the retry budget is spent");
  return { action: "retry", reason: safety };
}

function whySafe(input: RetryInput): string | undefined {
  if (isIdempotent(input.method)) return `${input.method} is idempotent`;
  if (input.hasIdempotencyKey) return "it has an Idempotency-Key";
  if (input.isModelCallBeforeCommit) return "a model call without content so far";
  if (input.isUnsafeAllowed) return "the route allows unsafe retries";
  return undefined;
}

function giveUp(input: RetryInput, reason: string): RetryDecision {
  const code = input.failure === "timeout" ? "FB_GATEWAY_TIMEOUT" : "FB_GATEWAY_UPSTREAM_LOST";
  return { action: "give-up", code, reason };
}
