// The table of the fifteen pains names tests that exist.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROWS = readFileSync(join(import.meta.dirname, "README.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split(" | "))
  .slice(2)
  .map(([pain = "", test = "", file = ""]) => ({
    number: Number(/^\| (\d+) /.exec(pain)?.[1]),
    test: test.replaceAll("`", "").trim(),
    file: file.replace(/ \|$/, "").trim(),
  }));

describe("the table of pains", () => {
  it("has all fifteen, in order", () => {
    const numbers = ROWS.map(({ number }) => number).filter((number) => !Number.isNaN(number));
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  });

  it.each(ROWS)("names a test of $file: $test", ({ test, file }) => {
    expect(readFileSync(join(import.meta.dirname, file), "utf8")).toContain(test);
  });
});
