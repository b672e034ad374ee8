import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateLayout } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { type AppRecord, listAppRecords, prepareStateFolder } from "./app-record.ts";

function record(root: string, app: string, startedAt: number): AppRecord {
  const clone = "0123abcd";
  return { app, clone, manifestPath: `/src/${app}/flyball.yaml`, layout: stateLayout(root, app, clone), startedAt };
}

test("a state folder is the user's alone, and its record is found again, the app started last first", async () => {
  await using folder = await createTemporaryFolder();
  const [old, recent] = [record(folder.path, "old", 1), record(folder.path, "recent", 2)];
  prepareStateFolder(old);
  prepareStateFolder(recent);
  expect(statSync(old.layout.directory).mode & 0o777).toBe(0o700);
  expect(listAppRecords(folder.path)).toEqual([recent, old]);
});

test("folders that hold no record, a broken one or one of another name are left out", async () => {
  await using folder = await createTemporaryFolder();
  const good = record(folder.path, "good", 1);
  prepareStateFolder(good);
  const copied = record(folder.path, "copied", 1);
  prepareStateFolder(copied);
  writeFileSync(join(copied.layout.directory, "app.json"), '{"app":"other","clone":"0123abcd"}');
  const broken = record(folder.path, "broken", 1);
  prepareStateFolder(broken);
  writeFileSync(join(broken.layout.directory, "app.json"), "{");
  expect(listAppRecords(folder.path)).toEqual([good]);
  expect(listAppRecords(join(folder.path, "nowhere"))).toEqual([]);
});

test("a folder whose sockets would have too long a path is refused with the way out", async () => {
  await using folder = await createTemporaryFolder();
  const long = record(join(folder.path, "x".repeat(100)), "app", 1);
  expect(() => prepareStateFolder(long)).toThrow(/cannot be used: .* 107 is the most/);
});

test("a folder that cannot be made is FB_CLI_STATE_UNUSABLE", async () => {
  await using folder = await createTemporaryFolder();
  writeFileSync(join(folder.path, "file"), "");
  expect(() => prepareStateFolder(record(join(folder.path, "file"), "app", 1))).toThrow(
    expect.objectContaining({ code: "FB_CLI_STATE_UNUSABLE" }),
  );
});
