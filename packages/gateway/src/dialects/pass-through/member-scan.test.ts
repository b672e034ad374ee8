import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinBody } from "../../body/whole-body.ts";
import { findDialect } from "../find-dialect.ts";
import { MAX_DEPTH } from "../json-cursor.ts";
import type { CallScan } from "./call-scan.ts";

// The scanner is held to JSON.parse through the chat dialect, which has the most keys.
const { scan: scanRoutingKeys, splice } = findDialect("openai-chat").passThrough;
const spliceModel = (body: Buffer, scan: CallScan, model: string): Buffer => joinBody(splice(body, scan, { model }));

const scan = (text: string) => scanRoutingKeys(Buffer.from(text));
const reasonOf = (text: string) => {
  const result = scan(text);
  return result.kind === "invalid" ? result.reason : "accepted";
};

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("the scanner", () => {
  it("finds the model and whether the answer is streamed", () => {
    const text = ' {"messages":[{"model":"no"}], "stream" : true ,"model" :"chat-模型"} ';
    const found = scan(text);
    expect(found).toMatchObject({ kind: "found", model: "chat-模型", isStream: true });
    if (found.kind !== "found") return;
    const bytes = Buffer.from(text).subarray(found.modelSpan.start, found.modelSpan.end);
    expect(bytes.toString()).toBe('"chat-模型"');
  });

  it("ignores keys of the same name below the top level and inside strings", () => {
    const text = '{"a":{"model":"x","stream":true},"b":"\\"model\\":\\"y\\"","c":[{"model":1}],"model":"z"}';
    expect(scan(text)).toMatchObject({ model: "z", isStream: false });
  });

  it.each([
    ['{"model":"a","model":"b"}', "the key model is there twice"],
    ['{"model":"a","stream":true,"stream":false}', "the key stream is there twice"],
    ['{"\\u006dodel":"a"}', "the key model is written with escapes"],
    ['{"model":"a","str\\u0065am":true}', "the key stream is written with escapes"],
    ['{"model":"a","\\u006dodel":"b"}', "the key model is written with escapes"],
    ['{"model":7}', "`model` is no string"],
    ['{"model":"a","stream":"true"}', "`stream` is neither true nor false"],
    ['{"messages":[]}', "`model` is missing"],
    ["{}", "`model` is missing"],
    ["[]", "the body is no JSON object"],
    ["", "the body is no JSON object"],
  ])("refuses %s", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it.each([
    '{"model":"a"',
    '{"model":"a"}x',
    '{"model":"a",}',
    '{"model":"a","b":01}',
    '{"model":"a","b":+1}',
    '{"model":"a","b":tru}',
    '{"model":"a","b":"\\x"}',
    '{"model":"a","b":"\n"}',
    '{"model":"a","b":[1,]}',
    '{"model":"a","b":{"c"}}',
    '{"model":"a" "b":1}',
    '\uFEFF{"model":"a"}',
    "{'model':'a'}",
    '{"model":"a","b":"\\u12g4"}',
  ])("refuses what is no JSON: %s", (text) => expect(scan(text).kind).toBe("invalid"));

  it("decodes escapes in the model's own name", () => {
    expect(scan('{"model":"a\\/b\\u00e9"}')).toMatchObject({ model: "a/bé" });
  });

  it("refuses deep nesting quickly and without stack", () => {
    const deep = `{"model":"a","x":${"[".repeat(200_000)}`;
    const startedAt = performance.now();
    expect(reasonOf(deep)).toContain(`more than ${MAX_DEPTH} levels`);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });

  it("agrees with JSON.parse on every object, whatever its spacing", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
    const spacing = fc.constantFrom("", " ", "\n\t", 3);
    fc.assert(
      fc.property(object, fc.string(), fc.boolean(), spacing, (rest, model, isStream, space) => {
        const { model: _model, stream: _stream, ...others } = rest;
        const text = JSON.stringify({ ...others, model, stream: isStream, last: 1 }, undefined, space);
        return JSON.stringify(pick(scan(text))) === JSON.stringify({ kind: "found", model, isStream });
      }),
      { numRuns: 500 },
    );
  });

  it("accepts nothing that JSON.parse refuses, and refuses no JSON but for its routing keys", () => {
    const valid = fc
      .dictionary(fc.constantFrom("a", "b", "model", "stream"), fc.jsonValue({ maxDepth: 3 }))
      .map((value) => JSON.stringify({ ...value, model: "m", stream: true }));
    const damage = fc.tuple(
      fc.nat(400),
      fc.nat(3),
      fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "1", "e", " ", "", "\u0001"),
    );
    fc.assert(
      fc.property(valid, fc.array(damage, { minLength: 1, maxLength: 3 }), (text, damages) => {
        let broken = text;
        for (const [at, cut, insert] of damages) {
          const place = at % (broken.length + 1);
          broken = broken.slice(0, place) + insert + broken.slice(place + cut);
        }
        const result = scan(broken);
        if (!parses(broken)) return result.kind === "invalid";
        const isObject = /^\s*\{/.test(broken);
        if (result.kind === "found") return isObject && sameRouting(broken, result);
        return !isObject || !result.reason.includes("not valid JSON");
      }),
      { numRuns: 3_000 },
    );
  });

  it("agrees with JSON.parse on random bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123eE+-.truefalsn "model'.split("")) }), (text) => {
        const result = scan(`{"model":"m","x":${text}}`);
        const isJson = parses(`{"model":"m","x":${text}}`);
        if (result.kind === "found") return isJson;
        return !isJson || !result.reason.includes("not valid JSON");
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("splicing the model", () => {
  it("changes the model's bytes and no other", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(object, fc.string(), fc.string(), (rest, alias, model) => {
        const { model: _model, stream: _stream, ...others } = rest;
        const body = Buffer.from(JSON.stringify({ big: 1, ...others, model: alias, tail: [1.5] }));
        const keys = scanRoutingKeys(body);
        if (keys.kind !== "found") return false;
        const spliced = spliceModel(body, keys, model);
        const tail = body.length - keys.modelSpan.end;
        return (
          spliced.subarray(0, keys.modelSpan.start).equals(body.subarray(0, keys.modelSpan.start)) &&
          spliced.subarray(spliced.length - tail).equals(body.subarray(keys.modelSpan.end)) &&
          (JSON.parse(spliced.toString()) as { model: string }).model === model
        );
      }),
    );
  });

  it("keeps numbers that JavaScript cannot hold", () => {
    const body = Buffer.from('{"priority":9007199254740993,"temperature":1.0,"model":"a"}');
    const keys = scanRoutingKeys(body);
    if (keys.kind !== "found") throw new Error(keys.reason);
    expect(spliceModel(body, keys, "b").toString()).toBe('{"priority":9007199254740993,"temperature":1.0,"model":"b"}');
  });
});

function pick(result: ReturnType<typeof scanRoutingKeys>): object {
  if (result.kind === "invalid") return result;
  return { kind: result.kind, model: result.model, isStream: result.isStream };
}

/** Whether a parser that takes the first and one that takes the last of equal keys read the same routing. */
function sameRouting(text: string, found: { model: string; isStream: boolean }): boolean {
  const parsed = JSON.parse(text) as { model?: unknown; stream?: unknown };
  return parsed.model === found.model && (parsed.stream ?? false) === found.isStream;
}
