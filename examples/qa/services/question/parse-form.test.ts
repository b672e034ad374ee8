import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseForm } from "./parse-form.ts";

function fieldsOf(form: string): [string, string][] {
  return parseForm(Buffer.from(form)).map(({ name, value }) => [
    Buffer.from(name).toString(),
    Buffer.from(value).toString(),
  ]);
}

test("a form without stray percent signs reads as URLSearchParams reads it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" }))),
      (pairs) => {
        const form = new URLSearchParams(pairs).toString();
        expect(fieldsOf(form)).toEqual([...new URLSearchParams(form)]);
      },
    ),
  );
});

test("any bytes give fields, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => Array.isArray(parseForm(bytes))));
});

test.each([
  ["q=100%", "100%"],
  ["q=100%&x=1", "100%"],
  ["q=100%25", "100%"],
  ["q=5%zz+%2B1", "5%zz +1"],
  ["q=%", "%"],
  ["q=a=b", "a=b"],
])("%s has the value %s", (form, value) => {
  expect(fieldsOf(form)[0]).toEqual(["q", value]);
});
