import { expect, it } from "vitest";
import { createAnthropicStreamWriter, MAX_WAITING_CHARACTERS } from "./stream-writer.ts";

const writer = () => {
  const stream = createAnthropicStreamWriter({ id: "i", model: "m", createdSeconds: 1 });
  stream.write({ kind: "begin", id: "x", model: "y", usage: undefined });
  for (const part of [0, 1])
    stream.write({ kind: "part-begin", part, opens: { kind: "tool-call", id: `c${part}`, name: "f" } });
  return stream;
};

it("holds a block back until the one before it has ended", () => {
  const stream = writer();
  expect(stream.write({ kind: "arguments", part: 1, text: "{}" })).toBe("");
  expect(stream.write({ kind: "arguments", part: 0, text: "{}" })).toContain('"index":0');
  const rest = stream.write({ kind: "part-end", part: 0 });
  expect(rest.match(/"type":"content_block_\w+","index":\d/g)).toEqual([
    '"type":"content_block_stop","index":0',
    '"type":"content_block_start","index":1',
    '"type":"content_block_delta","index":1',
  ]);
});

it("lets blocks overlap rather than hold without bound", () => {
  const stream = writer();
  const out = stream.write({ kind: "arguments", part: 1, text: "x".repeat(MAX_WAITING_CHARACTERS) });
  expect(out).toContain('"type":"content_block_start","index":1');
  expect(stream.write({ kind: "arguments", part: 1, text: "y" })).toContain('"partial_json":"y"');
});

it("writes what the client needs of usage at the beginning and at the end", () => {
  const stream = createAnthropicStreamWriter({ id: "i", model: "m", createdSeconds: 1 });
  const usage = {
    input: 5,
    cacheRead: 4,
    cacheWrite5m: 3,
    cacheWrite1h: 2,
    audioInput: 0,
    imageInput: 1,
    output: 7,
    reasoning: 6,
    audioOutput: 0,
  };
  const expected = {
    input_tokens: 6,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 4,
    cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 2 },
    output_tokens: 13,
    output_tokens_details: { thinking_tokens: 6 },
  };
  const dataOf = (frames: string, type: string): unknown =>
    JSON.parse(
      frames
        .split("\n")
        .find((line) => line.startsWith(`data: {"type":"${type}"`))
        ?.slice(6) ?? "null",
    );
  expect(dataOf(stream.write({ kind: "begin", id: "x", model: "y", usage }), "message_start")).toMatchObject({
    message: { usage: expected },
  });
  stream.write({ kind: "end", end: "stop", stopSequence: undefined });
  expect(dataOf(stream.write({ kind: "done" }), "message_delta")).toMatchObject({ usage: expected });
});
