import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { cloneOf, findManifest, requireManifest } from "./locate-manifest.ts";

const usual = { environment: {}, home: "/home/ann" };

test("the manifest is flyball.yaml here or the one that is named; a link leads to one clone", async () => {
  await using folder = await createTemporaryFolder();
  const path = join(folder.path, "flyball.yaml");
  writeFileSync(path, "");
  symlinkSync(folder.path, join(folder.path, "link"));
  const here = findManifest({ ...usual, manifestOption: undefined, workingDirectory: folder.path });
  const linked = findManifest({
    ...usual,
    manifestOption: "flyball.yaml",
    workingDirectory: join(folder.path, "link"),
  });
  expect(here?.clone).toMatch(/^[0-9a-f]{8}$/);
  expect(linked).toEqual(here);
});

test("two copies of an app are two clones, and so is one under another state root", () => {
  const here = cloneOf("/a/flyball.yaml", usual);
  expect(cloneOf("/b/flyball.yaml", usual)).not.toBe(here);
  expect(cloneOf("/a/flyball.yaml", { ...usual, environment: { FLYBALL_STATE: "/tmp/state" } })).not.toBe(here);
  const named = { ...usual, environment: { FLYBALL_STATE: "/home/ann/.local/state/flyball" } };
  expect(cloneOf("/a/flyball.yaml", named)).toBe(here);
});

test("folders above are not searched, and a named manifest must be there", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "flyball.yaml"), "");
  const workingDirectory = join(folder.path, "below");
  mkdirSync(workingDirectory);
  expect(findManifest({ ...usual, manifestOption: undefined, workingDirectory })).toBeUndefined();
  expect(() => findManifest({ ...usual, manifestOption: "x.yaml", workingDirectory })).toThrow(
    `no manifest at ${workingDirectory}/x.yaml`,
  );
  expect(() => requireManifest({ ...usual, manifestOption: undefined, workingDirectory })).toThrow(
    `no manifest at ${workingDirectory}/flyball.yaml`,
  );
});
