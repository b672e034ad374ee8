// Holds the imports of every source file against the table of write points.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, it } from "vitest";
import { WRITE_POINTS } from "./write-points.ts";

const ROOT = join(import.meta.dirname, "..");
const SOURCES = ["packages/*/src/**/*.ts", "examples/**/*.ts"];
/** Fakes stand in for a disk and are no part of an app. */
const EXEMPT = /\.test\.ts$|\/testing\/|\/testdata\/|^packages\/fakes\/|node_modules/;
const IMPORT = /^import (?!type\b)([^;]+?) from "node:(?:fs|fs\/promises|sqlite)";$/gms;
const WRITES =
  /^(writeFile|appendFile|rename|open|write|writev|createWriteStream|copyFile|cp|rm|unlink|rmdir|mkdir|mkdtemp|link|symlink|truncate|ftruncate|chmod|fchmod|utimes)(Sync)?$|^DatabaseSync$/;

function importsWriter(source: string): boolean {
  // Whatever a name-space import is used for cannot be read off.
  return [...source.matchAll(IMPORT)].some(
    ([, names = ""]) => !names.startsWith("{") || namesOf(names).some((name) => WRITES.test(name)),
  );
}

function namesOf(list: string): readonly string[] {
  return list
    .slice(1, -1)
    .split(",")
    .map((name) => name.trim().split(" as ")[0] ?? "")
    .filter((name) => !name.startsWith("type "));
}

const writers = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
  .map((file) => file.split(sep).join("/"))
  .filter((file) => !EXEMPT.test(file) && importsWriter(readFileSync(join(ROOT, file), "utf8")))
  .toSorted();

it("every file that can write to a disk says in the table what it writes and how that survives", () => {
  expect(writers).toEqual(Object.keys(WRITE_POINTS).toSorted());
});

it("everything that can be lost has a test that kills or fills the disk there", () => {
  for (const [file, { kind, writes, test }] of Object.entries(WRITE_POINTS)) {
    expect(writes === "", file).toBe(kind === "read");
    if (kind !== "read" && kind !== "place") expect(test, file).toBeDefined();
    if (test !== undefined) expect(existsSync(join(ROOT, test)), test).toBe(true);
  }
});
