// Golden files: what is seen must be what stands in the file. UPDATE_GOLDEN=1 writes what was seen; read the difference before it is
// kept.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** The folder of the fixtures. */
export const TESTDATA = import.meta.dirname;

/** Compares, or writes when asked to. */
export function expectGolden(file: string, seen: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, seen);
  expect(seen).toBe(readFileSync(file, "utf8"));
}

/** The names of the fixtures of a folder, without their ending. */
export function fixturesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending) && !name.includes(".golden."))
    .map((name) => name.slice(0, -ending.length));
}
