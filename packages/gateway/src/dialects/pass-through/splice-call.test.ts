import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBody } from "../../body/whole-body.ts";
import { findDialect } from "../find-dialect.ts";
import type { CallEdits } from "./call-scan.ts";

const chat = findDialect("openai-chat").passThrough;

function splice(text: string, edits: CallEdits, passThrough = chat): string {
  const body = Buffer.from(text);
  const scan = passThrough.scan(body);
  if (scan.kind === "invalid") throw new Error(scan.reason);
  return joinBody(passThrough.splice(body, scan, edits)).toString();
}

describe("splicing a call", () => {
  it("returns the same buffer when nothing changes", () => {
    const body = Buffer.from('{"model":"a","stream":true}');
    const scan = chat.scan(body);
    if (scan.kind === "invalid") throw new Error(scan.reason);
    expect(chat.splice(body, scan, { model: "a" })).toBe(body);
  });

  it("writes a short and a long body alike, however many of its members change and in whichever order they stand", () => {
    const edits = { model: "ü", priority: "3", cacheSalt: "s", maxTokens: 7, maxTokensField: "max_completion_tokens" };
    for (const text of [
      '{"max_tokens":9,"x":"<text>","model":"a","cache_salt":"old"}',
      '{"model":"a","priority":1,"x":"<text>","max_completion_tokens":9,"max_tokens":9}',
      '{"x":"<text>","model":"a"}',
    ]) {
      const long = "ä".repeat(10_000);
      const short = splice(text, edits);
      expect(splice(text.replace("<text>", long), edits)).toBe(short.replace("<text>", long));
      expect(JSON.parse(short)).toMatchObject({ model: "ü", priority: 3, cache_salt: "s", max_completion_tokens: 7 });
    }
  });

  it("keeps numbers and unknown fields as they were written", () => {
    const text = '{ "priority_x":9007199254740993, "temperature" : 1.0,"model":"a","x":{"model":1} }';
    expect(splice(text, { model: "b" })).toBe(text.replace('"a"', '"b"'));
  });

  it.each([
    ['{"model":"a","stream":true}', '{"stream_options":{"include_usage":true},"model":"a","stream":true}'],
    [
      '{"model":"a","stream":true,"stream_options":null}',
      '{"model":"a","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      '{"model":"a","stream":true,"stream_options":{ }}',
      '{"model":"a","stream":true,"stream_options":{"include_usage":true }}',
    ],
    [
      '{"model":"a","stream":true,"stream_options":{"x":1}}',
      '{"model":"a","stream":true,"stream_options":{"include_usage":true,"x":1}}',
    ],
    [
      '{"model":"a","stream":true,"stream_options":{"include_usage": false}}',
      '{"model":"a","stream":true,"stream_options":{"include_usage": true}}',
    ],
    [
      '{"model":"a","stream":true,"stream_options":{"include_usage":true}}',
      '{"model":"a","stream":true,"stream_options":{"include_usage":true}}',
    ],
    ['{"model":"a","stream":false}', '{"model":"a","stream":false}'],
  ])("asks for usage in %s", (before, after) => {
    expect(splice(before, { model: "a", streamOptions: "inject" })).toBe(after);
  });

  it.each([
    ['{"stream_options":{},"model":"a"}', '{"model":"a"}'],
    ['{"model":"a","stream_options":{} }', '{"model":"a" }'],
    ['{"model":"a" , "stream_options":{}, "stream":true}', '{"model":"a" ,  "stream":true}'],
  ])("takes stream options away from %s", (before, after) => {
    expect(splice(before, { model: "a", streamOptions: "remove" })).toBe(after);
  });

  it.each([
    ['{"model":"a"}', { maxTokens: 5 }, '{"max_tokens":5,"model":"a"}'],
    ['{"model":"a","max_tokens":null}', { maxTokens: 5 }, '{"model":"a","max_tokens":5}'],
    ['{"model":"a","max_tokens":9}', { maxTokens: 5 }, '{"model":"a","max_tokens":5}'],
    ['{"model":"a","max_completion_tokens":9}', { maxTokens: 5 }, '{"model":"a","max_completion_tokens":5}'],
    ['{"model":"a","max_completion_tokens":9}', { maxTokensField: "max_tokens" }, '{"model":"a","max_tokens":9}'],
    [
      '{"model":"a","max_tokens":9,"max_completion_tokens":7}',
      { maxTokensField: "max_tokens" },
      '{"model":"a","max_tokens":7}',
    ],
    [
      '{"model":"a","max_tokens":9,"max_completion_tokens":7}',
      { maxTokensField: "max_completion_tokens", maxTokens: 3 },
      '{"model":"a","max_completion_tokens":3}',
    ],
    [
      '{"model":"a","max_tokens":9,"max_completion_tokens":7}',
      { maxTokens: 3 },
      '{"model":"a","max_tokens":3,"max_completion_tokens":3}',
    ],
    [
      '{"model":"a"}',
      { maxTokens: 5, maxTokensField: "max_completion_tokens" },
      '{"max_completion_tokens":5,"model":"a"}',
    ],
  ])("bounds the output of %s by %j", (before, edits, after) => {
    expect(splice(before, { model: "a", ...edits })).toBe(after);
  });

  it("takes neighbours away together", () => {
    const text = '{"model":"a","max_tokens":9,"max_completion_tokens":7,"stream_options":{}}';
    expect(splice(text, { model: "a", maxTokensField: "max_tokens", streamOptions: "remove" })).toBe(
      '{"model":"a","max_tokens":7}',
    );
  });

  it("puts a salt of the cache in, in the place of the client's own", () => {
    expect(splice('{"model":"a"}', { model: "a", cacheSalt: "s" })).toBe('{"cache_salt":"s","model":"a"}');
    const own = '{"model":"a","cache_salt" : "mine","x":1.0}';
    expect(splice(own, { model: "a", cacheSalt: "s" })).toBe('{"model":"a","cache_salt" : "s","x":1.0}');
    expect(splice(own, { model: "b" })).toBe('{"model":"b","cache_salt" : "mine","x":1.0}');
    expect(() => splice('{"model":"a","cache_salt":"x","cache_s\\u0061lt":"y"}', { model: "a" })).toThrow();
  });

  it("writes the backend's own priority", () => {
    expect(splice('{"model":"a","priority":3}', { model: "a", priority: "-3" })).toBe('{"model":"a","priority":-3}');
    expect(splice('{"model":"a","priority":null}', { model: "a", priority: "1" })).toBe('{"model":"a","priority":1}');
    expect(splice('{"model":"a"}', { model: "a", priority: "1" })).toBe('{"priority":1,"model":"a"}');
  });

  it("bounds each dialect's output under its own name", () => {
    const { passThrough } = findDialect("openai-responses");
    expect(splice('{"model":"a"}', { model: "a", maxTokens: 5, maxTokensField: "max_tokens" }, passThrough)).toBe(
      '{"max_output_tokens":5,"model":"a"}',
    );
  });

  it("gives JSON in which only what was edited differs", () => {
    const member = fc.constantFrom(
      "max_tokens",
      "max_completion_tokens",
      "stream_options",
      "priority",
      "cache_salt",
      "x",
      "y",
    );
    const value = fc.constantFrom("7", "null");
    const space = fc.constantFrom("", " ", "\n");
    const edits = fc.record({
      maxTokens: fc.option(fc.constant(3), { nil: undefined }),
      maxTokensField: fc.option(fc.constantFrom("max_tokens", "max_completion_tokens"), { nil: undefined }),
      streamOptions: fc.constantFrom("keep" as const, "inject" as const, "remove" as const),
      priority: fc.option(fc.constant("1"), { nil: undefined }),
      cacheSalt: fc.option(fc.constant("s"), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(member), value, space, edits, (names, written, gap, given) => {
        const members = names.map((name) => `${gap}"${name}"${gap}:${name === "stream_options" ? '{"o":1}' : written}`);
        members.splice(1, 0, `"model":"a"`, '"stream":true');
        const text = `{${members.join(",")}${gap}}`;
        const chosen = Object.fromEntries(Object.entries(given).filter(([, item]) => item !== undefined));
        const spliced = splice(text, { model: "b", ...chosen });
        const after = JSON.parse(spliced) as Record<string, unknown>;
        const before = JSON.parse(text) as Record<string, unknown>;
        expect(new Set(spliced.match(/"\w+"(?=\s*:)/g)?.filter((key) => key !== '"o"')).size).toBe(
          Object.keys(after).length + (after["stream_options"] && given.streamOptions === "inject" ? 1 : 0),
        );
        expect(after["model"]).toBe("b");
        expect([after["x"], after["y"]]).toEqual([before["x"], before["y"]]);
        if (given.streamOptions === "inject") expect(after["stream_options"]).toMatchObject({ include_usage: true });
        if (given.streamOptions === "remove") expect(after).not.toHaveProperty("stream_options");
        if (given.maxTokens !== undefined) expect([after["max_tokens"], after["max_completion_tokens"]]).toContain(3);
        if (given.maxTokensField !== undefined && given.maxTokens !== undefined)
          expect(after[given.maxTokensField]).toBe(3);
      }),
      { numRuns: 1_000 },
    );
  });
});
