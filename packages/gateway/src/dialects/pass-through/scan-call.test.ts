import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialectName } from "../dialect.ts";
import { findDialect } from "../find-dialect.ts";
import type { CallScan } from "./call-scan.ts";

const scanAs = (dialect: DialectName, text: string): CallScan => {
  const found = findDialect(dialect).passThrough.scan(Buffer.from(text));
  if (found.kind === "invalid") throw new Error(found.reason);
  return found;
};
const reasonOf = (text: string, dialect: DialectName = "openai-chat"): string => {
  const found = findDialect(dialect).passThrough.scan(Buffer.from(text));
  return found.kind === "invalid" ? found.reason : "accepted";
};
const scan = (members: object): CallScan => scanAs("openai-chat", JSON.stringify({ model: "m", ...members }));

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("scanning a chat call", () => {
  it("finds everything that routing, limits and cache need in one pass", () => {
    const text =
      '{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"max_completion_tokens":5,"n":2,' +
      '"tools":[{}],"logprobs":true,"response_format":{"type":"json_object"},"stop":["a"],"priority":9007199254740993,' +
      '"user":"u","metadata":{"a":1},"temperature":1.0,"seed":9007199254740993,"top_p":0.5,"messages":[{"n":7}]}';
    const found = scanAs("openai-chat", text);
    expect(found).toMatchObject({
      model: "m",
      isStream: true,
      wantsUsage: true,
      maxTokens: 5,
      choices: 2,
      hasTools: true,
      hasLogprobs: true,
      hasOutputGrammar: true,
      isStateful: false,
      isResumable: false,
      temperature: 1,
      topP: 0.5,
      seed: "9007199254740993",
    });
    const textOf = (span: { start: number; end: number } | undefined): string | undefined =>
      span && text.slice(span.start, span.end);
    expect(found.maxTokensSpans.map((span) => `${span.name}=${textOf(span)}`)).toEqual([
      "max_tokens=9",
      "max_completion_tokens=5",
    ]);
    expect(textOf(found.priority)).toBe("9007199254740993");
    expect(textOf(found.stop)).toBe('["a"]');
    expect(textOf(found.messages)).toBe('[{"n":7}]');
  });

  it.each([
    [{}, false],
    [{ response_format: { type: "text" } }, false],
    [{ response_format: null }, false],
    [{ response_format: { type: "json_schema", json_schema: {} } }, true],
    [{ guided_regex: "a+" }, true],
  ])("sees in %j whether there is a grammar", (members, expected) => {
    expect(scan(members).hasOutputGrammar).toBe(expected);
  });

  it("takes empty lists, null and false as not there", () => {
    const found = scan({ tools: [], logprobs: false, top_logprobs: 0, functions: null, max_tokens: null, stop: null });
    expect(found).toMatchObject({ hasTools: false, hasLogprobs: false, maxTokens: undefined, stop: undefined });
  });

  it("calls a plain stream resumable, and none whose prompt ends as the client says", () => {
    const plain = { stream: true, messages: [{ role: "user", content: "x" }] };
    expect(scan(plain).isResumable).toBe(true);
    for (const bound of [
      { n: 2 },
      { tools: [{}] },
      { logprobs: true },
      { guided_json: { type: "object" } },
      { continue_final_message: true },
      { stream: false },
    ]) {
      expect(scan({ ...plain, ...bound }).isResumable).toBe(false);
    }
  });

  it.each([
    ['{"model":"a","max_tokens":1,"max_tokens":2}', "the key max_tokens is there twice"],
    ['{"model":"a","t\\u0065mperature":1}', "the key temperature is written with escapes"],
    [
      '{"model":"a","stream_options":{"include_usage":true,"include_usage":false}}',
      "the key include_usage is there twice",
    ],
    ['{"model":"a","stream_options":7}', "`stream_options` is no object"],
    ['{"model":"a","max_tokens":"7"}', "`max_tokens` is no number"],
    ['{"model":"a","stream":1}', "`stream` is neither true nor false"],
  ])("refuses %s", (text, reason) => expect(reasonOf(text)).toBe(reason));
});

describe("scanning calls of the other dialects", () => {
  it("sees state at the provider in a Responses call", () => {
    expect(scanAs("openai-responses", '{"model":"m","previous_response_id":"r"}').isStateful).toBe(true);
    expect(scanAs("openai-responses", '{"model":"m","background":false,"max_output_tokens":7}')).toMatchObject({
      isStateful: false,
      maxTokens: 7,
    });
    expect(scanAs("openai-responses", '{"model":"m","text":{"verbosity":"low"}}').hasOutputGrammar).toBe(false);
    expect(scanAs("openai-responses", '{"model":"m","text":{"format":{"type":"json_schema"}}}').hasOutputGrammar).toBe(
      true,
    );
  });

  it("finds the fields of an Anthropic call under their own names", () => {
    const found = scanAs(
      "anthropic-messages",
      '{"model":"m","max_tokens":7,"stop_sequences":["a"],"metadata":{"user_id":"u"},"output_config":{"effort":"low"}}',
    );
    expect(found).toMatchObject({ maxTokens: 7, wantsUsage: true, hasOutputGrammar: false });
    expect(found.stop).toBeDefined();
    expect(found.user).toBeDefined();
  });
});

describe("the scanner against JSON.parse", () => {
  const keys = fc.constantFrom("max_tokens", "n", "temperature", "stop", "tools", "messages", "other", "seed");

  it("reads the same values, whatever the spacing", () => {
    const members = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(
        members,
        fc.string(),
        fc.boolean(),
        fc.constantFrom("", "  ", "\n"),
        (rest, model, isStream, space) => {
          const value: Record<string, unknown> = { ...rest, model, stream: isStream };
          const found = findDialect("openai-chat").passThrough.scan(
            Buffer.from(JSON.stringify(value, undefined, space)),
          );
          if (found.kind === "invalid") {
            const bound = value["max_tokens"];
            return bound !== null && bound !== undefined && typeof bound !== "number";
          }
          const isNumber = typeof value["temperature"] === "number";
          return (
            found.model === model &&
            found.isStream === isStream &&
            found.temperature === (isNumber ? value["temperature"] : undefined)
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("accepts nothing that JSON.parse refuses", () => {
    const valid = fc
      .dictionary(keys, fc.jsonValue({ maxDepth: 2 }))
      .map((value) => JSON.stringify({ ...value, model: "m" }));
    const damage = fc.tuple(
      fc.nat(300),
      fc.nat(3),
      fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "1", "e", "-", "\u0001", ""),
    );
    fc.assert(
      fc.property(valid, fc.array(damage, { minLength: 1, maxLength: 3 }), (text, damages) => {
        let broken = text;
        for (const [at, cut, insert] of damages) {
          const place = at % (broken.length + 1);
          broken = broken.slice(0, place) + insert + broken.slice(place + cut);
        }
        return parses(broken) || reasonOf(broken) !== "accepted";
      }),
      { numRuns: 2_000 },
    );
  });
});
