import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestDigest } from "./request-digest.ts";

const digest = (text: string, parts: readonly string[] = ["acme", "chat"]): string =>
  requestDigest(parts, Buffer.from(text));

describe("requestDigest", () => {
  it("is one for any order of the members, any white space, and whoever the end user is", () => {
    const plain = digest('{"model":"chat","messages":[{"role":"user","content":"a b"}],"temperature":0.5}');
    const same = [
      '{ "temperature" : 0.5,\n\t"messages": [ {"role": "user", "content": "a b"} ], "model": "chat" }',
      '{"user":"u1","model":"chat","messages":[{"role":"user","content":"a b"}],"metadata":{"a":[1,"}"]},"temperature":0.5}',
      '{"model":"chat","messages":[{"role":"user","content":"a b"}],"temperature":0.5,"stream_options":{"include_usage":true}}',
    ];
    for (const text of same) expect(digest(text)).toBe(plain);
  });

  it("differs where a model server may see a difference", () => {
    const texts = [
      "{}",
      '{"seed":9007199254740993}',
      '{"seed":9007199254740992}',
      '{"seed":1}',
      '{"seed":1.0}',
      '{"a":"x y"}',
      '{"a":"x  y"}',
      '{"a":"x\\"y"}',
      '{"a":"x\\\\","y":1}',
      '{"a":{"x":1,"y":2}}',
      '{"a":{"y":2,"x":1}}',
      '{"a":{"user":"deep"}}',
      '{"ab":1}',
      '{"a":"b"}',
      '{"temperature":0}',
      '{"cache_salt":"1"}',
    ];
    expect(new Set(texts.map((text) => digest(text))).size).toBe(texts.length);
  });

  it("differs by every part of whom and what it is for, and no part runs into the next", () => {
    const lists = [["acme", "chat"], ["acmec", "hat"], ["acme"], ["acme", "chat", ""], ["other", "chat"]];
    expect(new Set(lists.map((parts) => digest('{"a":1}', parts))).size).toBe(lists.length);
  });

  it("is equal for two values exactly when they are the same JSON at the top level", () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    fc.assert(
      fc.property(value, value, (left, right) => {
        const reversed = Object.fromEntries(Object.entries(left).toReversed());
        expect(digest(JSON.stringify(reversed))).toBe(digest(JSON.stringify(left, undefined, 2)));
        const isSame = text(left) === text(right);
        expect(digest(JSON.stringify(left)) === digest(JSON.stringify(right))).toBe(isSame);
      }),
    );
  });
});

const IGNORED = new Set(["user", "metadata", "stream_options", "safety_identifier", "prompt_cache_key"]);

function text(value: Record<string, unknown>): string {
  const members = Object.entries(value)
    .filter(([name]) => !IGNORED.has(name))
    .map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`);
  return members.toSorted().join();
}
