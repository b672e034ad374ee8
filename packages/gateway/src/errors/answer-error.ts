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

/** What is answered, and for which request. */
export interface AnsweredRequest {
  /** `-` before it has one. */
  readonly id: string;
  /** Further headers: name, value, name, value … */
  readonly told?: readonly string[];
  /** With it the end of the answer waits for the rest of the request. */
  readonly clock?: Clock;
}

/** Writes an answer on a response whose headers are not sent. */
export function sendErrorAnswer(response: ClientResponse, answer: ErrorAnswer, request: AnsweredRequest): void {
  if (response.headersSent || response.destroyed) return;
  const { id, told = [], clock } = request;
  const length = String(Buffer.byteLength(answer.body));
  const headers = ["content-type", "application/json; charset=utf-8", "content-length", length, "x-request-id", id];
  headers.push(...told);
  if (answer.retryAfterMs !== undefined) headers.push(...retryHeaders(answer.retryAfterMs));
  response.writeHead(answer.status, headers);
  if (clock) endEarly(response.req, response, answer.body, clock);
  else response.end(answer.body);
}

/** When to come again: `retry-after` in whole seconds, `retry-after-ms`. */
export function retryHeaders(retryAfterMs: number): string[] {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return ["retry-after", String(seconds), "retry-after-ms", String(Math.max(1, Math.ceil(retryAfterMs)))];
}
