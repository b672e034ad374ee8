import { describe, expect, it } from "vitest";
import { createRenamingReader, renameModel } from "./rename-model.ts";

const rename = (json: string): string => renameModel(Buffer.from(json), "chat").toString();

describe("the model's name in an answer", () => {
  it.each([
    ['{"id":1, "model" : "gpt-x","n":9007199254740993}', '{"id":1, "model" : "chat","n":9007199254740993}'],
    [
      '{"type":"message_start","message":{"model":"claude","x":1.0}}',
      '{"type":"message_start","message":{"model":"chat","x":1.0}}',
    ],
    [
      '{"type":"response.created","response":{"a":[],"model":"gpt"}}',
      '{"type":"response.created","response":{"a":[],"model":"chat"}}',
    ],
  ])("is replaced where the API has it, and nothing else changes: %s", (before, after) => {
    expect(rename(before)).toBe(after);
  });

  it.each([
    '{"choices":[{"delta":{"content":"the \\"model\\": \\"x\\""}}]}',
    '{"choices":[{"model":"inner"}]}',
    '{"model":null}',
    '{"model":"a","model":"b"}',
    'no json "model"',
    "[]",
  ])("is left alone elsewhere: %s", (json) => {
    expect(rename(json)).toBe(json);
  });

  it("is replaced in every event of a stream, whatever its line ends", () => {
    const reader = createRenamingReader(
      {
        read: (frames) => ({ kind: "content", hasContent: true, bytes: frames }),
        close: (rest) => ({ kind: "end", hasContent: true, bytes: rest }),
      },
      "chat",
    );
    const frames = 'data: {"model":"x","a":1}\n\nevent: y\r\ndata: {"model":"x"}\r\n\r\ndata: [DONE]\n\n';
    expect(reader.read(Buffer.from(frames)).bytes.toString()).toBe(frames.replaceAll('"x"', '"chat"'));
    expect(reader.close(Buffer.from('data: {"model":"x"}')).bytes.toString()).toBe('data: {"model":"chat"}');
  });
});
