// Golden usage of every provider's counting: the parts add up to the provider's own total.
import { inputTokens, NO_USAGE, outputTokens, type TokenUsage } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDialect } from "./find-dialect.ts";
import type { DialectName } from "./dialect.ts";

const read = (dialect: DialectName, body: unknown): TokenUsage | undefined => findDialect(dialect).readUsage(body);
const chat = (usage: unknown): TokenUsage | undefined => read("openai-chat", { usage });
const total = (usage: TokenUsage): number => inputTokens(usage) + outputTokens(usage);

describe("usage of the chat dialect: details are inside the totals", () => {
  it.each<[string, object, Partial<TokenUsage>, number]>([
    ["plain", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, { input: 10, output: 5 }, 15],
    [
      "OpenAI with cache, audio and reasoning",
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10, audio_tokens: 20, image_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 5 },
      },
      {
        input: 6,
        cacheRead: 60,
        cacheWrite5m: 10,
        audioInput: 20,
        imageInput: 4,
        output: 15,
        reasoning: 30,
        audioOutput: 5,
      },
      150,
    ],
    [
      "pictures, with the tokens of what was drawn",
      {
        input_tokens: 50,
        output_tokens: 1_056,
        total_tokens: 1_106,
        input_tokens_details: { text_tokens: 10, image_tokens: 40 },
      },
      { input: 10, imageInput: 40, output: 1_056 },
      1_106,
    ],
    [
      "transcripts",
      {
        type: "tokens",
        input_tokens: 140,
        output_tokens: 45,
        total_tokens: 185,
        input_token_details: { audio_tokens: 138, text_tokens: 2 },
      },
      { input: 2, audioInput: 138, output: 45 },
      185,
    ],
    [
      "speech",
      { input_tokens: 14, output_tokens: 101, total_tokens: 115, output_tokens_details: { audio_tokens: 101 } },
      { input: 14, audioOutput: 101 },
      115,
    ],
    [
      "cached audio, which overlaps",
      {
        prompt_tokens: 100,
        completion_tokens: 0,
        total_tokens: 100,
        prompt_tokens_details: { cached_tokens: 80, audio_tokens: 50, text_tokens: 50 },
      },
      { cacheRead: 80, audioInput: 20 },
      100,
    ],
    [
      "DeepSeek",
      { prompt_tokens: 9, completion_tokens: 4, prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 3 },
      { input: 3, cacheRead: 6, output: 4 },
      13,
    ],
    [
      "Moonshot",
      { prompt_tokens: 9, completion_tokens: 4, cached_tokens: 2 },
      { input: 7, cacheRead: 2, output: 4 },
      13,
    ],
    [
      "xAI, with reasoning beside the completion",
      { prompt_tokens: 9, completion_tokens: 4, total_tokens: 20, completion_tokens_details: { reasoning_tokens: 7 } },
      { input: 9, output: 4, reasoning: 7 },
      20,
    ],
    [
      "vLLM without details",
      { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, prompt_tokens_details: null },
      { input: 9, output: 4 },
      13,
    ],
    ["embeddings", { prompt_tokens: 9, total_tokens: 9 }, { input: 9 }, 9],
  ])("%s", (_name, usage, parts, sum) => {
    const normal = chat(usage);
    expect(normal).toEqual({ ...NO_USAGE, ...parts });
    if (normal) expect(total(normal)).toBe(sum);
  });

  it("is found where Groq and Moonshot put it in streams", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 };
    expect(read("openai-chat", { x_groq: { usage } })).toMatchObject({ input: 1, output: 2 });
    expect(read("openai-chat", { choices: [{ usage }] })).toMatchObject({ input: 1, output: 2 });
  });
});

describe("usage of Anthropic: the cache stands beside the input", () => {
  it.each<[string, object, Partial<TokenUsage>]>([
    [
      "both cache lengths",
      {
        input_tokens: 25,
        cache_creation_input_tokens: 100,
        cache_read_input_tokens: 4000,
        cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 60 },
        output_tokens: 15,
      },
      { input: 25, cacheRead: 4000, cacheWrite5m: 40, cacheWrite1h: 60, output: 15 },
    ],
    [
      "no lengths",
      { input_tokens: 1, cache_creation_input_tokens: 9, output_tokens: 2 },
      { input: 1, cacheWrite5m: 9, output: 2 },
    ],
    [
      "lengths that say more than the total",
      {
        input_tokens: 1,
        cache_creation_input_tokens: 9,
        cache_creation: { ephemeral_1h_input_tokens: 20 },
        output_tokens: 2,
      },
      { input: 1, cacheWrite1h: 9, output: 2 },
    ],
    [
      "thinking",
      { input_tokens: 1, output_tokens: 30, output_tokens_details: { thinking_tokens: 22 } },
      { input: 1, output: 8, reasoning: 22 },
    ],
    [
      "nulls",
      { input_tokens: 1, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 2 },
      { input: 1, output: 2 },
    ],
  ])("%s", (_name, usage, parts) => {
    expect(read("anthropic-messages", { usage })).toEqual({ ...NO_USAGE, ...parts });
  });
});

describe("usage of the Responses API", () => {
  it("has cache and reasoning inside the totals", () => {
    const usage = {
      input_tokens: 31,
      input_tokens_details: { cached_tokens: 16, cache_write_tokens: 4 },
      output_tokens: 12,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 43,
    };
    const normal = read("openai-responses", { usage });
    expect(normal).toEqual({ ...NO_USAGE, input: 11, cacheRead: 16, cacheWrite5m: 4, output: 7, reasoning: 5 });
    expect(normal && total(normal)).toBe(43);
  });
});

describe.each<DialectName>(["openai-chat", "openai-responses", "anthropic-messages"])("usage of %s", (dialect) => {
  it("is undefined when it is missing, null or empty", () => {
    for (const body of [{}, { usage: null }, { usage: {} }, { usage: 7 }, undefined, null, []])
      expect(read(dialect, body)).toBeUndefined();
  });

  it("comes back with the same total from an answer and from a stream", () => {
    const count = fc.nat(100_000);
    const usage = fc.record({
      input: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      audioInput: count,
      imageInput: count,
      output: count,
      reasoning: count,
      audioOutput: count,
    });
    const { createStreamReader, createStreamWriter, writeAnswer } = findDialect(dialect);
    const identity = { id: "i", model: "m", createdSeconds: 1 };
    fc.assert(
      fc.property(usage, (given) => {
        const answer = writeAnswer(
          {
            id: "x",
            model: "y",
            parts: [{ kind: "text", text: "t" }],
            end: "stop",
            stopSequence: undefined,
            usage: given,
          },
          identity,
        );
        const whole = read(dialect, JSON.parse(answer.toString()));
        const writer = createStreamWriter(identity, { wantsUsage: true });
        const frames = [
          writer.write({ kind: "begin", id: "x", model: "y", usage: undefined }),
          writer.write({ kind: "part-begin", part: 0, opens: { kind: "text" } }),
          writer.write({ kind: "text", part: 0, text: "t" }),
          writer.write({ kind: "part-end", part: 0 }),
          writer.write({ kind: "end", end: "stop", stopSequence: undefined }),
          writer.write({ kind: "usage", usage: given }),
          writer.write({ kind: "done" }),
        ].join("");
        const reader = createStreamReader();
        const streamed = frames
          .split("\n\n")
          .filter(Boolean)
          .map((frame) => reader.read(frame).reading.usage)
          .findLast(Boolean);
        expect([whole && total(whole), streamed && total(streamed)]).toEqual([total(given), total(given)]);
        expect([whole && inputTokens(whole), streamed && outputTokens(streamed)]).toEqual([
          inputTokens(given),
          outputTokens(given),
        ]);
      }),
      { numRuns: 100 },
    );
  });
});
