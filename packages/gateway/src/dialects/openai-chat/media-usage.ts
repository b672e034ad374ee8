// The counting of pictures, speech and transcripts, which is none of chat's: `input_tokens` and `output_tokens` with details by kind. Tokens
// of a picture that was drawn are plain output: no price list has them apart.
import type { TokenUsage } from "@flyball/core";
import { asCount, asObject, type JsonObject } from "../json-value.ts";

/** A `usage` object in this form; undefined for another one, and for one that counts seconds. */
export function readMediaUsage(usage: JsonObject): TokenUsage | undefined {
  if (typeof usage["input_tokens"] !== "number" && typeof usage["output_tokens"] !== "number") return undefined;
  // Pictures have input_tokens_details, transcripts input_token_details.
  const came = asObject(usage["input_tokens_details"]) ?? asObject(usage["input_token_details"]) ?? {};
  const went = asObject(usage["output_tokens_details"]) ?? asObject(usage["output_token_details"]) ?? {};
  const input = asCount(usage["input_tokens"]);
  const cacheRead = Math.min(asCount(came["cached_tokens"]), input);
  const audioInput = Math.min(asCount(came["audio_tokens"]), input - cacheRead);
  const imageInput = Math.min(asCount(came["image_tokens"]), input - cacheRead - audioInput);
  const output = asCount(usage["output_tokens"]);
  const reasoning = Math.min(asCount(went["reasoning_tokens"]), output);
  const audioOutput = Math.min(asCount(went["audio_tokens"]), output - reasoning);
  return {
    input: input - cacheRead - audioInput - imageInput,
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    audioInput,
    imageInput,
    output: output - reasoning - audioOutput,
    reasoning,
    audioOutput,
  };
}
