// Golden files: manifests with mistakes and the messages that people read; valid manifests and the apps that come of them.
// Comments at the top of a manifest set options: `# target: prod`, `# profiles: a, b`, `# env: NAME=value`, `# amendments: {…}`.
// UPDATE_GOLDEN=1 writes what was seen; read the difference before it is kept.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatProblems, loadManifest, type LoadedManifest } from "./index.ts";

const TESTDATA = join(dirname(fileURLToPath(import.meta.url)), "testdata");

function manifestsIn(folder: string): string[] {
  return readdirSync(join(TESTDATA, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length));
}

async function loadGolden(folder: string, name: string): Promise<LoadedManifest> {
  const path = join(TESTDATA, folder, `${name}.yaml`);
  const option = (key: string): string[] =>
    [...readFileSync(path, "utf8").matchAll(new RegExp(`^# ${key}: (.*)$`, "gm"))].map((match) => match[1] ?? "");
  return loadManifest({
    path,
    target: option("target")[0],
    profiles: option("profiles").flatMap((text) => text.split(", ")),
    environment: Object.fromEntries(option("env").map((text) => text.split("=") as [string, string])),
    amendments: JSON.parse(option("amendments")[0] ?? "{}") as Record<string, unknown>,
    readFile,
  });
}

function expectGolden(file: string, seen: string): void {
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, seen);
  expect(seen).toBe(readFileSync(file, "utf8"));
}

describe("a manifest with mistakes is refused with the messages of its golden file", () => {
  const names = manifestsIn("bad");
  test("there are at least 45 of them", () => expect(names.length).toBeGreaterThanOrEqual(45));
  test.each(names)("%s", async (name) => {
    const loaded = await loadGolden("bad", name);
    if (loaded.ok) throw new Error("the manifest was accepted");
    const text = formatProblems(loaded.problems, { relativeTo: join(TESTDATA, "bad"), omitted: loaded.omitted });
    expectGolden(join(TESTDATA, "bad", `${name}.txt`), `${text}\n`);
    for (const problem of loaded.problems) expect(text.includes("undefined"), problem.message).toBe(false);
  });
});

describe("a valid manifest becomes the app of its golden file", () => {
  const names = manifestsIn("good");
  test("there are at least 10 of them", () => expect(names.length).toBeGreaterThanOrEqual(10));
  test.each(names)("%s", async (name) => {
    const loaded = await loadGolden("good", name);
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    const seen = { spec: loaded.spec, files: loaded.files, usedVariables: loaded.usedVariables };
    const text = JSON.stringify(seen, null, 2).replaceAll(join(TESTDATA, "good"), "<folder>");
    expectGolden(join(TESTDATA, "good", `${name}.json`), `${text}\n`);
  });
});
