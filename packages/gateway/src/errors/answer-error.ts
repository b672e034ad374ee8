// How the gateway answers an error that it raises itself: Flyball's form on plain routes, OpenAI's form on model routes, so that an
// official client reads it. Both carry the same stable code.
import type { ServerResponse } from "node:http";
import { FlyballError, type ErrorCode, type ErrorDetails } from "@flyball/core";
import type { ErrorStyle } from "../stages/exchange.ts";

/** An error as a client gets it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
  /** Seconds, for `retry-after`; absent where a repetition does not help. */
  readonly retryAfterSeconds?: number;
}

/** Fills an error of the table. */
export function errorAnswer(code: ErrorCode, details: ErrorDetails, style: ErrorStyle): ErrorAnswer {
  const error = new FlyballError(code, details);
  const status = error.definition.httpStatus;
  const body =
    style === "openai" ? JSON.stringify({ error: openAiError(error) }) : JSON.stringify({ error: error.toJSON() });
  return { status, body, ...(status === 503 ? { retryAfterSeconds: 1 } : {}) };
}

/** The members of OpenAI's error object. */
export function openAiError(error: FlyballError): {
  message: string;
  type: string;
  param: string | null;
  code: string;
} {
  return {
    message: `${error.message}. ${error.hint}`,
    type: openAiType(error.definition.httpStatus),
    param: error.code === "FB_GATEWAY_MODEL_NOT_FOUND" ? "model" : null,
    code: error.code,
  };
}

/** Writes an answer on a response whose headers are not sent. */
export function sendErrorAnswer(response: ServerResponse, answer: ErrorAnswer, requestId: string): void {
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
  response.end(answer.body);
}

function openAiType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status < 500) return "invalid_request_error";
  return "server_error";
}
