// How an exchange ends when the gateway itself has the last word: an error answer, or nothing to a client that is gone.
import type { ErrorCode, ErrorDetails } from "@flyball/core";
import { errorAnswer, sendErrorAnswer } from "../errors/answer-error.ts";
import { toldHeaders } from "../errors/told-headers.ts";
import type { Exchange } from "./exchange.ts";

/** Answers an error; `retryAfterMs` where it is known when to come again. Does nothing when the client is gone or something was answered already. */
export function answerError(exchange: Exchange, code: ErrorCode, details: ErrorDetails, retryAfterMs?: number): void {
  const { response, context } = exchange;
  if (exchange.isClientGone || response.headersSent) return;
  if (context.isDraining) response.shouldKeepAlive = false;
  const answer = errorAnswer(code, details, retryAfterMs);
  sendErrorAnswer(response, answer, { id: exchange.id, told: toldHeaders(exchange), clock: context.clock });
}
