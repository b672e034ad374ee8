// OpenAI's error object, which all its APIs share: `{"error":{"message","type","param","code"}}`, where param and code are a string or
// null, never the word None. Read in every shape that compatible servers write.
import type { DialectError } from "../dialect.ts";
import { asObject, asText, parseJson, type JsonObject } from "../json-value.ts";
import { writeSseFrame } from "../sse-frame.ts";
import { errorMeaning, type ProviderError } from "../provider-error.ts";

/** Reads a whole body. */
export function readOpenAiError(body: string, status: number): ProviderError | undefined {
  return openAiErrorOf(parseJson(body), status);
}

/**
 * An error inside parsed JSON: `{"error":{…}}`, `{"error":"…"}` (Ollama), `{"object":"error",…}` (older vLLM, Mistral),
 * `{"detail":…}` (FastAPI), `{"code","message"}` (DashScope's own form). `status` 0 inside a stream.
 */
export function openAiErrorOf(value: unknown, status: number): ProviderError | undefined {
  const body = asObject(value);
  if (!body) return undefined;
  const { error } = body;
  if (typeof error === "string" && error !== "") return providerError({ message: error }, status);
  const object = asObject(error);
  if (object && Object.keys(object).length > 0) return providerError(object, status);
  if (body["object"] === "error" || (asText(body["message"]) && body["choices"] === undefined && status > 0)) {
    return providerError(body, status);
  }
  if (body["detail"] !== undefined && body["choices"] === undefined) {
    const { detail } = body;
    return providerError({ message: typeof detail === "string" ? detail : JSON.stringify(detail) }, status);
  }
  return undefined;
}

function providerError(error: JsonObject, status: number): ProviderError {
  const message = messageOf(error["message"]);
  const code = codeOf(error["code"]) ?? codeOf(error["type"]) ?? "unknown_error";
  // A type says more than a numeric code, so both are searched.
  const words = `${code} ${codeOf(error["type"]) ?? ""}`;
  return { code, message, meaning: errorMeaning(words, message, status || numericStatus(error["code"])) };
}

function messageOf(message: unknown): string {
  if (typeof message === "string") return message;
  return message === undefined ? "no message" : JSON.stringify(message);
}

/** A code is a word; some servers write a number, or the word None for null. */
function codeOf(code: unknown): string | undefined {
  if (typeof code === "number") return String(code);
  return typeof code === "string" && code !== "" && code !== "None" ? code : undefined;
}

function numericStatus(code: unknown): number {
  const status = Number(code);
  return status >= 400 && status < 600 ? status : 0;
}

/** The members of the error object. */
function openAiErrorObject({ status, code, message, param }: DialectError): JsonObject {
  return { message, type: openAiType(status, code), param: param ?? null, code };
}

/** A whole error body. */
export function writeOpenAiError(error: DialectError): string {
  return JSON.stringify({ error: openAiErrorObject(error) });
}

/** The error event of a chat stream; no [DONE] follows it. */
export function writeChatStreamError(error: DialectError): string {
  return writeSseFrame({ error: openAiErrorObject(error) });
}

/** Anthropic's 529 is a 503 to OpenAI's clients. */
export function openAiStatus(status: number): number {
  return status === 529 ? 503 : status;
}

function openAiType(status: number, code: string): string {
  if (code === "insufficient_quota" || status === 402) return "insufficient_quota";
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
