// Which attempt a request is, counted over all hops before this one: no hop repeats what is a repetition already.
import { allowedRetries, ATTEMPT_HEADER, outgoingAttempt, readAttempt } from "@flyball/traffic";
import type { Exchange } from "./exchange.ts";

/** 1 for a first attempt. What a client writes there can only take retries from its own request. */
export function incomingAttempt({ request }: Exchange): number {
  const value = request.headers[ATTEMPT_HEADER];
  return value === undefined ? 1 : readAttempt(String(value));
}

/** Further attempts that a request may have after one that was sent; `configured` is what its route or pool allows. */
export function retriesOf(exchange: Exchange, configured: { readonly attempts: number }): number {
  return allowedRetries(incomingAttempt(exchange), configured.attempts);
}

/** What the next hop is told; undefined for a first attempt, which is what it assumes. */
export function attemptHeader(exchange: Exchange): string | undefined {
  const number = outgoingAttempt(incomingAttempt(exchange), exchange.attemptsSent);
  return number > 1 ? String(number) : undefined;
}
