// The counting of OpenAI's Responses API in the normal form and back: as in chat, with other names. Cached and written tokens are
// INSIDE `input_tokens`, reasoning INSIDE `output_tokens`.
import { inputTokens, outputTokens, type TokenUsage } from "@flyball/core";
import { asCount, asObject, type JsonObject } from "../json-value.ts";

/** The usage of a response object; undefined for none and for null. */
export function readResponsesUsage(body: unknown): TokenUsage | undefined {
  const usage = asObject(asObject(body)?.["usage"]);
  if (!usage || (typeof usage["input_tokens"] !== "number" && typeof usage["output_tokens"] !== "number"))
    return undefined;
  const details = asObject(usage["input_tokens_details"]) ?? {};
  const input = asCount(usage["input_tokens"]);
  const output = asCount(usage["output_tokens"]);
  const cacheRead = Math.min(asCount(details["cached_tokens"]), input);
  const cacheWrite5m = Math.min(asCount(details["cache_write_tokens"]), input - cacheRead);
  const reasoning = Math.min(asCount(asObject(usage["output_tokens_details"])?.["reasoning_tokens"]), output);
  return {
    input: input - cacheRead - cacheWrite5m,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    audioInput: 0,
    imageInput: 0,
    output: output - reasoning,
    reasoning,
    audioOutput: 0,
  };
}

/** The usage in this API's form. */
export function writeResponsesUsage(usage: TokenUsage): JsonObject {
  const { cacheRead, cacheWrite5m, cacheWrite1h, reasoning } = usage;
  return {
    input_tokens: inputTokens(usage),
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite5m + cacheWrite1h },
    output_tokens: outputTokens(usage),
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: inputTokens(usage) + outputTokens(usage),
  };
}
