// How the gateway answers an error that it raises itself on plain routes. Model routes tell errors in the words of their API, with the
// same stable codes (calls/call-client.ts).
import type { ServerResponse } from "node:http";
import { FlyballError, type Clock, type ErrorCode, type ErrorDetails } from "@flyball/core";
import { endEarly } from "../listen/end-early.ts";

/** An error as a client gets it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
  /** Seconds, for `retry-after`; absent where a repetition does not help. */
  readonly retryAfterSeconds?: number;
}

/** Fills an error of the table. */
export function errorAnswer(code: ErrorCode, details: ErrorDetails): ErrorAnswer {
  const error = new FlyballError(code, details);
  const status = error.definition.httpStatus;
  const body = JSON.stringify({ error: error.toJSON() });
  return { status, body, ...(status === 503 ? { retryAfterSeconds: 1 } : {}) };
}

/** Writes an answer on a response whose headers are not sent. With a clock its end waits for the rest of the request. */
export function sendErrorAnswer(response: ServerResponse, answer: ErrorAnswer, requestId: string, clock?: Clock): void {
  if (response.headersSent || response.destroyed) return;
  const headers: Record<string, string | number> = {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(answer.body),
    "x-request-id": requestId,
  };
  if (answer.retryAfterSeconds !== undefined) {
    headers["retry-after"] = answer.retryAfterSeconds;
    headers["retry-after-ms"] = answer.retryAfterSeconds * 1_000;
  }
  response.writeHead(answer.status, headers);
  if (clock) endEarly(response.req, response, answer.body, clock);
  else response.end(answer.body);
}
