import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorAt, JsonFault, MAX_DEPTH, MAX_VALUES, skipSpace } from "../json-cursor.ts";
import { createKeyTable, scanMembers, type MemberSpans } from "./member-scan.ts";
import { SlicedScan } from "./sliced-scan.ts";

const KEYS = createKeyTable(["model", "stream", "messages", "n"]);

type Result = Omit<MemberSpans, "values"> | string;

function resultOf(scan: () => MemberSpans): Result {
  try {
    const { offsets, insertAt, mayHoldMedia } = scan();
    return { offsets, insertAt, mayHoldMedia };
  } catch (error) {
    if (error instanceof JsonFault) return error.message;
    throw error;
  }
}

/** In slices of these lengths, over and over. */
function sliced(body: Buffer, lengths: readonly number[]): Result {
  const scan = new SlicedScan(body, KEYS);
  return resultOf(() => {
    for (let index = 0; ; index += 1) {
      const found = scan.step(lengths[index % lengths.length] as number);
      if (found !== undefined) return found;
    }
  });
}

function expectSame(text: string | Buffer, lengths: readonly number[]): void {
  const body = Buffer.from(text);
  const whole = resultOf(() => scanMembers(body, KEYS));
  expect(sliced(body, lengths)).toEqual(whole);
  if (skipSpace(cursorAt(body, 0)) === 0x7b) expectAsParsed(body, whole);
}

/** Refused for a key that may be read in two ways, or for what JSON.parse refuses too. */
function expectAsParsed(body: Buffer, result: Result): void {
  if (typeof result === "string" && result.startsWith("the key ")) return;
  let isJson = true;
  try {
    JSON.parse(body.toString("utf8"));
  } catch {
    isJson = false;
  }
  expect(typeof result !== "string").toBe(isJson);
}

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 })), {
  minLength: 1,
  maxLength: 9,
});
const word = fc.constantFrom(
  "model",
  "stream",
  "n",
  "image_url",
  "messages",
  "x",
  "",
  "é模😀",
  '"\\\n\t\u0001',
  "a".repeat(300),
);
const space = fc.constantFrom("", "", " ", "\n\t \r", " ".repeat(100));

/** JSON text of any shape, with white space and escapes where they may be. */
const { json } = fc.letrec<{ json: string; object: string; list: string; leaf: string; text: string }>((tie) => ({
  text: fc
    .tuple(word, fc.boolean())
    .map(([value, isEscaped]) =>
      isEscaped && value !== "" ? `"${value.replaceAll(/[^]/g, escapeUnit)}"` : JSON.stringify(value),
    ),
  leaf: fc.oneof(
    { weight: 3, arbitrary: tie("text") },
    fc.constantFrom("true", "false", "null", "0", "-1.5e+30", "12", "9".repeat(120)),
  ),
  list: fc
    .tuple(fc.array(tie("json"), { maxLength: 4 }), space)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
  object: fc
    .tuple(fc.array(fc.tuple(tie("text"), tie("json")), { maxLength: 4 }), space)
    .map(
      ([members, gap]) =>
        `{${gap}${members.map(([key, value]) => `${key}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`,
    ),
  json: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie("leaf"), tie("list"), tie("object")),
}));
const objects = fc
  .tuple(fc.array(fc.tuple(word, json, space), { maxLength: 6 }), space)
  .map(
    ([members, gap]) =>
      `${gap}{${members.map(([key, value, inner]) => `${inner}${JSON.stringify(key)}${inner}:${inner}${value}${inner}`).join(",")}}${gap}`,
  );

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

describe("a scan in slices", () => {
  it("finds in any text what a scan in one go finds", () => {
    fc.assert(fc.property(objects, cuts, expectSame), { numRuns: 1_500 });
  });

  it("refuses damaged text for the same reason at the same byte", () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom("", '"', "\\", "{", "}", "[", "]", ",", ":", "0", "e", "\n", "u", "\u0001"),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(objects, damage, cuts, (text, [where, put, gone], lengths) => {
        const at = where % (text.length + 1);
        expectSame(text.slice(0, at) + put + text.slice(at + gone), lengths);
      }),
      { numRuns: 3_000 },
    );
  });

  it("refuses any bytes as a scan in one go does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), cuts, (bytes, lengths) =>
        expectSame(Buffer.concat([Buffer.from("{"), bytes]), lengths),
      ),
      {
        numRuns: 1_000,
      },
    );
  });

  it.each([
    `{"model":"${"a".repeat(5_000)}","n":1}`,
    `{"model":"${'\\"\\n'.repeat(2_000)}","messages":[]}`,
    `{"${"k".repeat(3_000)}":1,"model":"a"}`,
    `{"${"\\u006b".repeat(3_000)}":1,"model":"a"}`,
    `{${" ".repeat(5_000)}"model"${"\n".repeat(5_000)}:"a"}${" ".repeat(2_000)}`,
    `{"model":"a","messages":[${"1".repeat(5_000)}]}`,
    `{"model":"a","messages":"${"a".repeat(5_000)}`,
    `{"model":"a","messages":${"[".repeat(MAX_DEPTH - 1)}${"]".repeat(MAX_DEPTH - 1)}}`,
    `{"model":"a","x":"image_url","messages":[{"type":"image_url"}]}`,
    "",
    " ",
    "{",
    "[]",
  ])("is the same whichever way it is cut: case %#", (text) => {
    for (const length of [1, 2, 3, 7, 64, 65, 66, 1_000, 1_000_000]) expectSame(text, [length]);
  });

  it.each([
    `{"model":"a","x":${"[".repeat(MAX_DEPTH)}${"]".repeat(MAX_DEPTH)}}`,
    `{"model":"a","x":[${'{"a":'.repeat(MAX_DEPTH)}1`,
  ])("refuses the same depth: case %#", (text) => {
    const body = Buffer.from(text);
    expect(sliced(body, [13])).toBe(resultOf(() => scanMembers(body, KEYS)));
    expect(sliced(body, [13])).toContain(`more than ${MAX_DEPTH} levels`);
  });

  it("counts the values of the whole body and refuses too many, wherever they stand", () => {
    const scan = new SlicedScan(Buffer.from('{"model":"a","x":[1,{"y":[]},"z"]}'), KEYS);
    expect(scan.step(1_000)?.values).toBe(6);
    const members = Array.from({ length: MAX_VALUES + 1 }, (_, index) => `"${index}":1`).join(",");
    expect(sliced(Buffer.from(`{${members}}`), [100_000])).toContain(`more than ${MAX_VALUES} values`);
    const halves = `[${Array(MAX_VALUES / 2)
      .fill("1")
      .join(",")}]`;
    expect(sliced(Buffer.from(`{"x":${halves},"y":${halves}}`), [100_000])).toContain(`more than ${MAX_VALUES} values`);
  });

  it("never goes on over much more than it was asked to", () => {
    const body = Buffer.from(
      `{"model":"a",${" ".repeat(9_000)}"x":"${'\\"'.repeat(9_000)}","y":"${"b".repeat(9_000)}"}`,
    );
    const scan = new SlicedScan(body, KEYS);
    let slices = 1;
    while (scan.step(100) === undefined) slices += 1;
    expect(slices).toBeGreaterThanOrEqual(Math.floor(body.length / 110));
  });
});
