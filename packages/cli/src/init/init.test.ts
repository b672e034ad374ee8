// Golden files: each folder of testdata is looked at as `init` would, and what is written must equal its expected.yaml (kept beside the
// folder) and be a manifest that loads. Refresh with UPDATE_GOLDEN=1.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatProblems, loadManifest } from "@flyball/core/manifest";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { openFolder } from "../commands/init.ts";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { zh } from "../messages/zh.ts";
import { runForTest } from "../testing/run-for-test.ts";
import { findServices } from "./find-services.ts";
import { renderManifest } from "./render-manifest.ts";

const testdata = fileURLToPath(new URL("testdata", import.meta.url));
const cases = readdirSync(testdata, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "expected")
  .map((entry) => entry.name);

test.each(cases)("the folder %s becomes the manifest that was looked over", (name) => {
  const written = renderManifest("demo", findServices(openFolder(join(testdata, name))), createTranslate(en));
  const golden = join(testdata, "expected", `${name}.yaml`);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(join(testdata, "expected"), { recursive: true });
    writeFileSync(golden, written);
  }
  expect(written).toBe(existsSync(golden) ? readFileSync(golden, "utf8") : "no golden file");
});

test.each(cases)("the manifest of the folder %s is one that loads, in both languages", async (name) => {
  for (const catalogue of [en, zh]) {
    const text = renderManifest("demo", findServices(openFolder(join(testdata, name))), createTranslate(catalogue));
    const readFile = async (path: string): Promise<string> =>
      path.endsWith("flyball.yaml") ? text : readFileSync(path, "utf8");
    const loaded = await loadManifest({
      path: join(testdata, name, "flyball.yaml"),
      environment: {},
      profiles: [],
      readFile,
    });
    expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
  }
});

test("init writes the file once, names the next two commands, and overwrites only with --force", async () => {
  await using folder = await createTemporaryFolder();
  const first = await runForTest(["init"], { directory: folder.path });
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toContain(`✓ Wrote ${folder.path}/flyball.yaml`);
  expect(first.stderr).toBe("\nTry:\n  flyball config\n  flyball up\n");
  writeFileSync(join(folder.path, "flyball.yaml"), "mine");
  const second = await runForTest(["init"], { directory: folder.path });
  expect([second.exitCode, readFileSync(join(folder.path, "flyball.yaml"), "utf8")]).toEqual([1, "mine"]);
  expect(second.stderr).toContain("FB_CLI_FILE_EXISTS");
  expect((await runForTest(["init", "--force"], { directory: folder.path })).exitCode).toBe(0);
  expect((await runForTest(["config"], { directory: folder.path })).exitCode).toBe(0);
});
