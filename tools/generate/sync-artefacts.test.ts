import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { ARTEFACTS } from "./artefacts.ts";
import { staleArtefacts, writeArtefacts } from "./sync-artefacts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test("every generated file in the tree is fresh", () => {
  expect(staleArtefacts(root, ARTEFACTS).map(({ path }) => path)).toEqual([]);
});

test("a missing file and a changed file are stale, and fresh once written", () => {
  const folder = mkdtempSync(join(tmpdir(), "flyball-generate-"));
  folders.push(folder);
  const artefacts = [
    { path: "docs/a.md", render: () => "a\n" },
    { path: "b.md", render: () => "b\n" },
  ];
  writeFileSync(join(folder, "b.md"), "old\n");
  expect(staleArtefacts(folder, artefacts)).toEqual(artefacts);
  writeArtefacts(folder, artefacts);
  expect(staleArtefacts(folder, artefacts)).toEqual([]);
  expect(readFileSync(join(folder, "docs/a.md"), "utf8")).toBe("a\n");
});
