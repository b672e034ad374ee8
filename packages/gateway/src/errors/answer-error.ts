// How the gateway answers an error that it raises itself on plain routes. Model routes tell errors in the words of their API, with the
// same stable codes (calls/call-client.ts).
import type { ClientResponse } from "../listen/client-request.ts";
import { FlyballError, type Clock, type ErrorCode, type ErrorDetails } from "@flyball/core";
import { endEarly } from "../listen/end-early.ts";

/** An error as a client gets it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
  /** For `retry-after`; absent where a repetition does not help. */
  readonly retryAfterMs?: number;
}

/** Fills an error of the table. With a 503 clients are told to come again: after a second unless more is known. */
export function errorAnswer(code: ErrorCode, details: ErrorDetails, retryAfterMs = 1_000): ErrorAnswer {
  const error = new FlyballError(code, details);
  const status = error.definition.httpStatus;
  const body = JSON.stringify({ error: error.toJSON() });
  return { status, body, ...(status === 503 ? { retryAfterMs } : {}) };
}

/** Writes an answer on a response whose headers are not sent. With a clock its end waits for the rest of the request. */
export function sendErrorAnswer(response: ClientResponse, answer: ErrorAnswer, requestId: string, clock?: Clock): void {
  if (response.headersSent || response.destroyed) return;
  const headers: Record<string, string | number> = {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(answer.body),
    "x-request-id": requestId,
  };
  if (answer.retryAfterMs !== undefined) {
    headers["retry-after"] = Math.max(1, Math.ceil(answer.retryAfterMs / 1_000));
    headers["retry-after-ms"] = Math.max(1, Math.ceil(answer.retryAfterMs));
  }
  response.writeHead(answer.status, headers);
  if (clock) endEarly(response.req, response, answer.body, clock);
  else response.end(answer.body);
}
