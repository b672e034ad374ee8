// OpenAI's counting, which most compatible providers follow, in the normal form and back. Cached, written and media tokens are INSIDE
// `prompt_tokens`, reasoning and audio INSIDE `completion_tokens`. Where details overlap (cached audio), the cache counts first and
// the rest is cut so that the parts add up to the provider's own total.
import { inputTokens, outputTokens, type TokenUsage } from "@flyball/core";
import { asCount, asList, asObject, type JsonObject } from "../json-value.ts";
import { readMediaUsage } from "./media-usage.ts";

const NO_DETAILS: JsonObject = {};

/** The usage of an answer or a chunk, wherever the provider puts it; undefined for none and for null. */
export function readChatUsage(body: unknown): TokenUsage | undefined {
  const value = asObject(body);
  if (!value) return undefined;
  // Groq: `x_groq.usage` in a stream. Moonshot: inside the last choice.
  const usage =
    asObject(value["usage"]) ??
    asObject(asObject(value["x_groq"])?.["usage"]) ??
    asObject(asObject(asList(value["choices"])[0])?.["usage"]);
  return usage && normalUsage(usage);
}

function normalUsage(usage: JsonObject): TokenUsage | undefined {
  if (typeof usage["prompt_tokens"] !== "number" && typeof usage["completion_tokens"] !== "number") {
    return readMediaUsage(usage);
  }
  const prompt = asObject(usage["prompt_tokens_details"]) ?? NO_DETAILS;
  const completion = asObject(usage["completion_tokens_details"]) ?? NO_DETAILS;
  // Parts never add up to more than their total: each takes of what those before it have left.
  let input = asCount(usage["prompt_tokens"]);
  // DeepSeek: prompt_cache_hit_tokens. Moonshot: cached_tokens beside the totals.
  const cached =
    asCount(prompt["cached_tokens"]) || asCount(usage["prompt_cache_hit_tokens"]) || asCount(usage["cached_tokens"]);
  const cacheRead = Math.min(cached, input);
  input -= cacheRead;
  const cacheWrite5m = Math.min(asCount(prompt["cache_write_tokens"]), input);
  input -= cacheWrite5m;
  const audioInput = Math.min(asCount(prompt["audio_tokens"]), input);
  input -= audioInput;
  const imageInput = Math.min(asCount(prompt["image_tokens"]), input);
  input -= imageInput;
  const asked = asCount(completion["reasoning_tokens"]);
  let output = completionTokens(usage, asked);
  const reasoning = Math.min(asked, output);
  output -= reasoning;
  const audioOutput = Math.min(asCount(completion["audio_tokens"]), output);
  output -= audioOutput;
  return { input, cacheRead, cacheWrite5m, cacheWrite1h: 0, audioInput, imageInput, output, reasoning, audioOutput };
}

/** xAI and some others count reasoning beside the completion; their total tells. */
function completionTokens(usage: JsonObject, reasoning: number): number {
  const completion = asCount(usage["completion_tokens"]);
  const beside = asCount(usage["total_tokens"]) - asCount(usage["prompt_tokens"]) - completion;
  return reasoning > 0 && beside === reasoning ? completion + reasoning : completion;
}

/** The usage in OpenAI's form. */
export function writeChatUsage(usage: TokenUsage): JsonObject {
  const { cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput, reasoning, audioOutput } = usage;
  const cacheWrite = cacheWrite5m + cacheWrite1h;
  return {
    prompt_tokens: inputTokens(usage),
    completion_tokens: outputTokens(usage),
    total_tokens: inputTokens(usage) + outputTokens(usage),
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      audio_tokens: audioInput,
      ...(cacheWrite > 0 ? { cache_write_tokens: cacheWrite } : {}),
      ...(imageInput > 0 ? { image_tokens: imageInput } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
