import * as fc from "fast-check";
import { expect, test } from "vitest";
import { interpolateText } from "./interpolate-text.ts";
import { parseTemplate } from "./parse-template.ts";

function fill(text: string, environment: Record<string, string> = {}): ReturnType<typeof interpolateText> {
  return interpolateText(text, { environment, used: new Set() });
}

test.each([
  ["plain", "plain"],
  ["$HOME and $5", "$HOME and $5"],
  ["$$HOME $${X}", "$HOME ${X}"],
  ["end $", "end $"],
  ["${A}", "1"],
  ["${A:-x}", "1"],
  ["${EMPTY:-x}", "x"],
  ["${EMPTY}", ""],
  ["${NOPE:-}", ""],
  ["${NOPE:-a ${A} b}", "a 1 b"],
  ["${NOPE:-${ALSO:-${A}}}", "1"],
  ["${NOPE:-http://h:80/$$}", "http://h:80/$"],
  ["x${A}y${A}z", "x1y1z"],
])("%s becomes %s", (template, text) => {
  expect(fill(template, { A: "1", EMPTY: "" })).toMatchObject({ text, complaints: [] });
});

test("placeholders for the start stay as they are and are listed", () => {
  const filled = fill("a ${secrets.pg} ${NOPE:-${instance.port}} $${services.x.url}");
  expect(filled).toMatchObject({
    text: "a ${secrets.pg} ${instance.port} ${services.x.url}",
    placeholders: ["secrets.pg", "instance.port"],
    escaped: ["services.x.url"],
  });
});

test("a value that comes from a variable is not filled in again", () => {
  expect(fill("${A}", { A: "${B} $$ ${secrets.x}", B: "no" })).toMatchObject({
    text: "${B} $$ ${secrets.x}",
    placeholders: [],
  });
});

test("names that were asked for are remembered, also when they have defaults", () => {
  const used = new Set<string>();
  interpolateText("${A:-${B}} ${C:?c}", { environment: { C: "c" }, used });
  expect([...used]).toEqual(["A", "B", "C"]);
});

test("names of the prototype are variables like any other", () => {
  expect(fill("${constructor} ${toString:-x}").complaints).toEqual([
    "the variable constructor is not set; set it, or write ${constructor:-default}",
  ]);
});

test.each(["${A", "${", "${}", "${1}", "${A-b}", "${A:+b}", "${A:-${B}", "${ A}"])(
  "%s is refused with the forms that exist",
  (template) => {
    const parsed = parseTemplate(template);
    expect(parsed.ok ? "accepted" : parsed.message).toMatch(/\$\{NAME|closing brace/);
  },
);

test("nesting has a bound", () => {
  const parsed = parseTemplate(`${"${A:-".repeat(20)}x${"}".repeat(20)}`);
  expect(parsed).toEqual({ ok: false, message: "variables are nested deeper than 8 levels" });
});

test("any text is filled in or refused, never an exception, and text without $ stays", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("$", "{", "}", ":", "-", "?", "A", ".", "secrets", " ") }),
      (text) => {
        const filled = fill(text, { A: "a" });
        if (!text.includes("$")) expect(filled.text).toBe(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a text whose $ are doubled comes back as it was", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(fill(text.replaceAll("$", () => "$$")).text).toBe(text);
    }),
  );
});
