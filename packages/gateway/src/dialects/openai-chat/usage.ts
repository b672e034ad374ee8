// OpenAI's counting, which most compatible providers follow, in the normal form and back. Cached, written and media tokens are INSIDE
// `prompt_tokens`, reasoning and audio INSIDE `completion_tokens`. Where details overlap (cached audio), the cache counts first and
// the rest is cut so that the parts add up to the provider's own total.
import { inputTokens, outputTokens, type TokenUsage } from "@flyball/core";
import { asCount, asList, asObject, type JsonObject } from "../json-value.ts";
import { readMediaUsage } from "./media-usage.ts";

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
  const prompt = asObject(usage["prompt_tokens_details"]) ?? {};
  const completion = asObject(usage["completion_tokens_details"]) ?? {};
  const input = createRest(asCount(usage["prompt_tokens"]));
  // DeepSeek: prompt_cache_hit_tokens. Moonshot: cached_tokens beside the totals.
  const cacheRead = input.take(
    asCount(prompt["cached_tokens"]) || asCount(usage["prompt_cache_hit_tokens"]) || asCount(usage["cached_tokens"]),
  );
  const cacheWrite5m = input.take(asCount(prompt["cache_write_tokens"]));
  const audioInput = input.take(asCount(prompt["audio_tokens"]));
  const imageInput = input.take(asCount(prompt["image_tokens"]));
  const reasoning = asCount(completion["reasoning_tokens"]);
  const output = createRest(completionTokens(usage, reasoning));
  const reasoningPart = output.take(reasoning);
  const audioOutput = output.take(asCount(completion["audio_tokens"]));
  return {
    input: input.rest(),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    audioInput,
    imageInput,
    output: output.rest(),
    reasoning: reasoningPart,
    audioOutput,
  };
}

/** xAI and some others count reasoning beside the completion; their total tells. */
function completionTokens(usage: JsonObject, reasoning: number): number {
  const completion = asCount(usage["completion_tokens"]);
  const beside = asCount(usage["total_tokens"]) - asCount(usage["prompt_tokens"]) - completion;
  return reasoning > 0 && beside === reasoning ? completion + reasoning : completion;
}

/** Deals a total out in parts that never add up to more. */
function createRest(total: number): { take(part: number): number; rest(): number } {
  let left = total;
  return {
    take(part) {
      const taken = Math.min(part, left);
      left -= taken;
      return taken;
    },
    rest: () => left,
  };
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
