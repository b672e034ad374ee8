// Reads every import of every package and holds them against the table of floors.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { CORE_NPM_FOLDER, FLOORS } from "./floors.ts";

const ROOT = join(import.meta.dirname, "..");
const IMPORT =
  /(?:^|[;\s}])(?:import|export)\s*(?:[\w*{},\s$]+\s*from\s*)?["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']\s*\)/g;
/** Doors of packages that only tests and benches use. */
const EXEMPT = /\.test\.ts$|\/testing\/|\/testdata\//;

interface FoundImport {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(file: string): readonly FoundImport[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  // Types are imports too: the table is about words, not only about what runs.
  const withoutComments = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  return [...withoutComments.matchAll(IMPORT)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? "" }));
}

const files = globSync("packages/*/src/**/*.ts", { cwd: ROOT })
  .map((file) => file.split(sep).join("/"))
  .filter((file) => !EXEMPT.test(file));
const imports = files.flatMap(importsOf);

describe("floors", () => {
  it("reads a tree with every package of the table that exists, and imports in it", () => {
    const packages = new Set(files.map((file) => file.split("/")[1]));
    for (const name of packages) expect(FLOORS, `packages/${name} has no row`).toHaveProperty([name ?? ""]);
    expect(imports.length).toBeGreaterThan(500);
  });

  it("has a table in which every row names only lower floors", () => {
    for (const [name, row] of Object.entries(FLOORS)) {
      for (const other of row.mayImport)
        expect(FLOORS[other]?.floor, `${name} imports ${other}`).toBeLessThan(row.floor);
    }
  });

  it("lets a package import only what its row names", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      const name = file.split("/")[1] ?? "";
      const other = /^@flyball\/([^/]+)/.exec(specifier)?.[1] ?? (specifier === "flyball" ? "cli" : undefined);
      return other !== undefined && !(FLOORS[name]?.mayImport.includes(other) ?? false);
    });
    expect(wrong).toEqual([]);
  });

  it("lets a package be entered by its doors alone", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      if (specifier.startsWith(".")) {
        const target = normalize(join(dirname(file), specifier))
          .split(sep)
          .join("/");
        return !target.startsWith(file.split("/").slice(0, 2).join("/") + "/");
      }
      const door = /^@flyball\/[^/]+\/(.+)$/.exec(specifier)?.[1];
      return door !== undefined && door !== "manifest" && door !== "conformance";
    });
    expect(wrong).toEqual([]);
  });

  it("keeps npm packages where the table allows them", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      if (
        specifier.startsWith(".") ||
        specifier.startsWith("@flyball/") ||
        specifier === "flyball" ||
        isBuiltin(specifier)
      )
        return false;
      const name = file.split("/")[1] ?? "";
      const allowed = FLOORS[name]?.npm ?? [];
      if (name === "core" && !file.startsWith(CORE_NPM_FOLDER)) return true;
      return allowed !== "any" && !allowed.includes(specifier.split("/")[0] ?? "");
    });
    expect(wrong).toEqual([]);
  });

  it("keeps gateway and control apart: they meet in core alone", () => {
    const meeting = imports.filter(
      ({ file, specifier }) =>
        (file.startsWith("packages/gateway/") && specifier.startsWith("@flyball/control")) ||
        (file.startsWith("packages/control/") && specifier.startsWith("@flyball/gateway")),
    );
    expect(meeting).toEqual([]);
  });

  it("keeps the keeper at no more than 400 lines and the loop at no more than 150", () => {
    const keeper = files.filter((file) => file.startsWith("packages/keeper/"));
    const lines = keeper.reduce(
      (sum, file) => sum + [...readFileSync(join(ROOT, file), "utf8").matchAll(/\n/g)].length,
      0,
    );
    expect(lines).toBeLessThanOrEqual(400);
    expect(readFileSync(join(ROOT, "packages/control/src/loop.ts"), "utf8").split("\n").length).toBeLessThanOrEqual(
      150,
    );
  });
});
