// Anthropic's counting in the normal form and back: `input_tokens` is what was neither read from nor written to the cache, so the three
// numbers of the input stand side by side; `output_tokens` includes thinking.
import { outputTokens, type TokenUsage } from "@flyball/core";
import { asCount, asObject, type JsonObject } from "../json-value.ts";

/** The usage of a whole message. */
export function readAnthropicUsage(body: unknown): TokenUsage | undefined {
  return normalUsage(asObject(asObject(body)?.["usage"]) ?? {});
}

/** A `usage` object, also one of several of a stream put together. */
export function normalUsage(usage: JsonObject): TokenUsage | undefined {
  if (typeof usage["input_tokens"] !== "number" && typeof usage["output_tokens"] !== "number") return undefined;
  const creation = asObject(usage["cache_creation"]) ?? {};
  const oneHour = asCount(creation["ephemeral_1h_input_tokens"]);
  // The total counts where the parts disagree with it; without one the parts are the total.
  const written =
    asCount(usage["cache_creation_input_tokens"]) || oneHour + asCount(creation["ephemeral_5m_input_tokens"]);
  const cacheWrite1h = Math.min(oneHour, written);
  const output = asCount(usage["output_tokens"]);
  const reasoning = Math.min(asCount(asObject(usage["output_tokens_details"])?.["thinking_tokens"]), output);
  return {
    input: asCount(usage["input_tokens"]),
    cacheRead: asCount(usage["cache_read_input_tokens"]),
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    audioInput: 0,
    imageInput: 0,
    output: output - reasoning,
    reasoning,
    audioOutput: 0,
  };
}

/** The usage in Anthropic's form; media tokens are plain input there. Clients need all members, also when nothing is known yet. */
export function writeAnthropicUsage(usage: TokenUsage | undefined): JsonObject {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput, reasoning } = usage ?? NOTHING;
  return {
    input_tokens: input + audioInput + imageInput,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: usage ? outputTokens(usage) : 0,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
  };
}

const NOTHING = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  imageInput: 0,
  reasoning: 0,
};
