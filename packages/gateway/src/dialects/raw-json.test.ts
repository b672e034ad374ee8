import { describe, expect, it } from "vitest";
import { parseJsonKeepingNumbers, RawJson, writeJson } from "./raw-json.ts";

describe("numbers that are kept", () => {
  it("are written as they came, at any depth", () => {
    const text = '{"a":[9007199254740993,{"b":1.0,"c":1e2,"d":-0.50}],"e":7}';
    expect(writeJson(parseJsonKeepingNumbers(text))).toBe(text);
  });

  it("are only those that JavaScript would change", () => {
    expect(parseJsonKeepingNumbers('{"a":7,"b":1.5,"c":1.0}')).toEqual({ a: 7, b: 1.5, c: new RawJson("1.0") });
  });

  it("are plain in usage, which is counted with", () => {
    expect(parseJsonKeepingNumbers('{"usage":{"input_tokens":7.0,"details":{"x":1.0}}}')).toEqual({
      usage: { input_tokens: 7, details: { x: 1 } },
    });
  });

  it("are none of what is no JSON", () => {
    expect(parseJsonKeepingNumbers('{"a":')).toBeUndefined();
  });
});
