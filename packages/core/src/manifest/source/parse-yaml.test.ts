import * as fc from "fast-check";
import { expect, test } from "vitest";
import { locationOf, nodeAt, toPlain, type ManifestNode } from "./manifest-node.ts";
import { parseYaml } from "./parse-yaml.ts";

function read(text: string): ManifestNode {
  const parsed = parseYaml("flyball.yaml", text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.root;
}

function refusal(text: string): string {
  const parsed = parseYaml("flyball.yaml", text);
  if (parsed.ok) throw new Error("it was accepted");
  return parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join("\n");
}

test("values keep the place of their key and their value", () => {
  const root = read("a:\n  b: [x,\n    y]\n");
  expect(locationOf(root, ["a", "b"], "key")).toEqual({ file: "flyball.yaml", line: 2, column: 3 });
  expect(locationOf(root, ["a", "b", 1])).toEqual({ file: "flyball.yaml", line: 3, column: 5 });
});

test("a path that does not exist stands at the key of its nearest ancestor", () => {
  const root = read("a:\n  b:\n    c: 1\n");
  expect(locationOf(root, ["a", "b", "missing"], "key")).toMatchObject({ line: 2, column: 3 });
  expect(locationOf(root, ["nothing"])).toMatchObject({ line: 1, column: 1 });
});

test("numbers and booleans keep the text as it was written", () => {
  const root = read('a: 1.10\nb: 0777\nc: TRUE\nd: "1.10"\n');
  expect(["a", "b", "c", "d"].map((key) => nodeAt(root, [key]))).toMatchObject([
    { value: 1.1, source: "1.10", isPlain: true },
    { value: 777, source: "0777" },
    { value: true, source: "TRUE" },
    { value: "1.10", isPlain: false },
  ]);
});

test("a number that JSON cannot say stays text", () => {
  expect(toPlain(read("a: .inf\nb: .nan\n"))).toEqual({ a: ".inf", b: ".nan" });
});

test("<< adds the keys that a map does not have itself", () => {
  const root = read("x: &x { a: 1, b: 1 }\ny: &y { b: 2, c: 2 }\nz: { <<: [*x, *y], c: 3 }\n");
  expect(toPlain(nodeAt(root, ["z"]) as ManifestNode)).toEqual({ a: 1, b: 1, c: 3 });
});

test("an alias inside its own anchor is refused", () => {
  expect(refusal("a: &a [1, *a]\n")).toBe("1:11 the alias *a stands before its anchor, or inside it");
});

test("keys that reach a prototype are refused wherever they stand", () => {
  expect(refusal("a: { __proto__: 1 }\nb: [{ constructor: 1 }]\nprototype: 1\n")).toBe(
    '1:6 the key "__proto__" is not allowed\n2:7 the key "constructor" is not allowed\n3:1 the key "prototype" is not allowed',
  );
});

test("standard tags are let through, custom ones are not", () => {
  expect(toPlain(read("a: !!str 1\n"))).toEqual({ a: "1" });
  expect(refusal("a: !env X\n")).toBe("1:4 unresolved tag: !env; tags are not used in a manifest");
});

test("any text gives a tree or problems with a place, never an exception", () => {
  const piece = fc.constantFrom(
    ..."[]{}:,-?&*!|>'\"#%@`$ \t\n".split(""),
    "a",
    "&a ",
    "*a",
    "<<: ",
    "- ",
    ": ",
    "\n  ",
    "\n    ",
    "---\n",
    "...\n",
    "!!str ",
    "${X}",
    "\r\n",
    "\uFEFF",
    "\u2028",
    "1",
    "中",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const parsed = parseYaml("flyball.yaml", pieces.join(""));
      if (parsed.ok) return;
      expect(parsed.problems.length).toBeGreaterThan(0);
      for (const { line, column } of parsed.problems) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});
