import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, contentHash } from "./canonical-json.ts";

test("keys are sorted at every depth and undefined members are left out", () => {
  expect(canonicalJson({ b: { d: 1, c: undefined }, a: [{ z: 1, y: 2 }] })).toBe('{"a":[{"y":2,"z":1}],"b":{"d":1}}');
});

test("keys are sorted by code unit, not by locale, and numbers as text", () => {
  expect(canonicalJson({ ä: 1, z: 1, Z: 1, b10: 1, b9: 1 })).toBe('{"Z":1,"b10":1,"b9":1,"z":1,"ä":1}');
});

test("the order of lists matters", () => {
  expect(canonicalJson([2, 1])).toBe("[2,1]");
});

test("the hash of a value does not depend on the order in which it was made, and differs for another value", () => {
  expect(contentHash({ a: 1, b: 2 })).toBe(contentHash({ b: 2, a: 1 }));
  expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: "1" }));
  expect(contentHash({})).toMatch(/^[0-9a-f]{64}$/);
});

test("any JSON value means the same after a round trip, and one value has one text", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});
