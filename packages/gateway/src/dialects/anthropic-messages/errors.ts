// Anthropic's error object: `{"type":"error","error":{"type","message"},"request_id"}`; in a stream the same under `event: error`.
import type { DialectError } from "../dialect.ts";
import { asObject, asText, parseJson, type JsonObject } from "../json-value.ts";
import { openAiErrorOf } from "../openai-chat/errors.ts";
import { errorMeaning, type ProviderError } from "../provider-error.ts";

/** Reads a whole body. Compatible endpoints may answer in OpenAI's form. */
export function readAnthropicError(body: string, status: number): ProviderError | undefined {
  const value = parseJson(body);
  return anthropicErrorOf(value, status) ?? openAiErrorOf(value, status);
}

/** An error inside parsed JSON; `status` 0 inside a stream. */
export function anthropicErrorOf(value: unknown, status: number): ProviderError | undefined {
  const error = asObject(asObject(value)?.["error"]);
  const type = asText(error?.["type"]);
  if (!error || type === undefined) return undefined;
  const message = asText(error["message"]) ?? "no message";
  // Its own code is finer than its type: billing stands under rate_limit_error too.
  const detail = asText(asObject(error["details"])?.["error_code"]) ?? "";
  return {
    code: type,
    message,
    meaning: errorMeaning(`${type} ${detail}`, message, status || STATUS_BY_TYPE[type] || 0),
  };
}

const STATUS_BY_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

const TYPE_BY_STATUS: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUS_BY_TYPE).map(([type, status]) => [status, type]),
);

/** 503 is 529 here; both say that waiting helps. */
export function anthropicStatus(status: number): number {
  return status === 503 ? 529 : status;
}

function errorObject({ status, code, message, requestId }: DialectError): JsonObject {
  const known = TYPE_BY_STATUS.get(anthropicStatus(status));
  const type = known ?? (status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message, details: { error_code: code } }, request_id: requestId };
}

/** A whole error body. */
export function writeAnthropicError(error: DialectError): string {
  return JSON.stringify(errorObject(error));
}

/** The error event of a stream. */
export function writeAnthropicStreamError(error: DialectError): string {
  return `event: error\ndata: ${writeAnthropicError(error)}\n\n`;
}
