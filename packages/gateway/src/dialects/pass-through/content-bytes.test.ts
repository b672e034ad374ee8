import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { DEFAULT_MODEL, type ModelBehaviour } from "@flyball/fakes";
import { modelAnswer } from "../../../../fakes/src/upstream/model/model-answer.ts";
import type { DialectName } from "../dialect.ts";
import { findDialect } from "../find-dialect.ts";

const PATHS: readonly (readonly [path: string, dialect: DialectName])[] = [
  ["/v1/chat/completions", "openai-chat"],
  ["/v1/completions", "openai-chat"],
  ["/v1/responses", "openai-responses"],
  ["/v1/messages", "anthropic-messages"],
];

function said(path: string, script: Partial<ModelBehaviour>, stream: boolean): Buffer {
  const body = Buffer.from(JSON.stringify({ model: "m", stream, stream_options: { include_usage: true } }));
  const answer = modelAnswer({ ...DEFAULT_MODEL, ...script }, { method: "POST", url: path, body, index: 1 });
  const frames = answer?.body as string | readonly string[];
  return Buffer.from(typeof frames === "string" ? frames : frames.join(""));
}

/** Bytes of a text inside a JSON string. */
const written = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

describe.each(PATHS)("the content of an answer at %s", (path, dialect) => {
  const count = (script: Partial<ModelBehaviour>, stream: boolean): number =>
    findDialect(dialect).passThrough.contentBytes(said(path, script, stream), stream);

  it("is what the model wrote, streamed or whole, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 20 }),
        (pieces) => {
          const parts = [{ kind: "text" as const, pieces }];
          const bytes = pieces.reduce((sum, piece) => sum + written(piece), 0);
          expect(count({ parts }, true)).toBe(bytes);
          // In one piece its characters may join.
          expect(count({ parts }, false)).toBe(written(pieces.join("")));
        },
      ),
    );
  });

  it("does not grow with the frames that it comes in", () => {
    const letters = "a governor turns the valve";
    const one = count({ parts: [{ kind: "text", pieces: [letters] }] }, true);
    expect(count({ parts: [{ kind: "text", pieces: [...letters] }] }, true)).toBe(one);
  });
});

describe("the content of an answer with more than text", () => {
  const parts = [
    { kind: "reasoning", pieces: ["first ", "think"] },
    { kind: "text", pieces: ["then say"] },
    { kind: "tool-call", id: "call_1", name: "turn", pieces: ['{"by":', '"9"}'] },
  ] as const;
  const bytes = "first think".length + "then say".length;

  it.each([
    ["/v1/chat/completions", "openai-chat", true],
    ["/v1/chat/completions", "openai-chat", false],
    ["/v1/responses", "openai-responses", true],
    ["/v1/responses", "openai-responses", false],
    ["/v1/messages", "anthropic-messages", true],
    ["/v1/messages", "anthropic-messages", false],
  ] as const)("has reasoning and arguments in it: %s as %s, streamed: %s", (path, dialect, stream) => {
    const found = findDialect(dialect).passThrough.contentBytes(
      said(path, { parts, finish: "tool-calls" }, stream),
      stream,
    );
    // Arguments are a string with escaped quotes, or an object; a tool's name counts where it is told.
    expect(found).toBeGreaterThanOrEqual(bytes + '{"by":"9"}'.length);
    expect(found).toBeLessThanOrEqual(bytes + 20 + 2 * "turn".length);
  });

  it("finds nothing in what a text says about keys", () => {
    const { contentBytes } = findDialect("openai-chat").passThrough;
    const text = '{"content":"no","text":"no"} \\" "content":"';
    const frame = Buffer.from(
      `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] }, undefined, 1).replaceAll("\n", "")}\n\n`,
    );
    expect(contentBytes(frame, true)).toBe(written(text));
  });
});
