// A store that dies at any write is opened again with all that was acknowledged and at most the one change that was under way, whole.
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, runOnFakeDisk, seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";
import { contentOf, storeSteps } from "./testdata/store-steps.ts";

const ENTRY = join(import.meta.dirname, "testdata", "write-store.ts");
const isLong = process.env["FLYBALL_TEST_LONG"] === "1";

/** What is there after each number of steps, from none. */
function model(seed: number, steps: number): readonly unknown[] {
  const store = openSqliteStore(":memory:");
  const contents = [contentOf(store)];
  for (const step of storeSteps(seed)) {
    if (contents.length > steps) break;
    step(store);
    contents.push(contentOf(store));
  }
  store.close();
  return contents;
}

function contentAt(path: string): unknown {
  const store = openSqliteStore(path);
  try {
    return contentOf(store);
  } finally {
    store.close();
  }
}

describe("the store of a process that is killed", () => {
  it("at each statement: has what was acknowledged, and the change under way whole or not at all", async () => {
    const steps = isLong ? 120 : 24;
    const stride = isLong ? 1 : 4;
    const contents = model(7, steps);
    for (let at = 1; ; at += stride) {
      await using folder = await createTemporaryFolder();
      const path = join(folder.path, "store.db");
      const run = await runOnFakeDisk(ENTRY, [path, "7", String(steps)], { at, what: "kill" });
      expect(run.errors).toBe("");
      const done = run.lines.length;
      expect([contents[done], contents[done + 1]]).toContainEqual(contentAt(path));
      if (run.end === "ended") break;
    }
  }, 600_000);

  it("inside any write to its log: has the changes whose writes were through", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const steps = isLong ? 200 : 30;
    const contents = model(11, steps);
    const store = openSqliteStore(path);
    // From here on the file stands still and everything goes into its log: a kill leaves a beginning of that.
    const sizes = [statSync(`${path}-wal`).size];
    for (const step of storeSteps(11)) {
      if (sizes.length > steps) break;
      step(store);
      sizes.push(statSync(`${path}-wal`).size);
    }
    const [file, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
    store.close();
    const torn = join(folder.path, "torn.db");
    const random = seededRandom(5);
    for (const [done, size] of sizes.entries()) {
      const next = sizes[done + 1] ?? size;
      const cuts = [size, size + 1, size + 24, Math.floor(size + random() * (next - size)), next - 1];
      for (const cut of new Set(cuts.filter((at) => at === size || (at > size && at < next)))) {
        writeFileSync(torn, file);
        writeFileSync(`${torn}-wal`, log);
        truncateSync(`${torn}-wal`, cut);
        expect(contentAt(torn), `cut at ${cut} after ${done} steps`).toEqual(contents[done]);
      }
    }
  }, 60_000);

  it("at any moment, over and over on the same file: goes on from where it stood", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const random = seededRandom(isLong ? Date.now() : 3);
    for (let life = 0; life < (isLong ? 60 : 3); life += 1) {
      const before = join(folder.path, "before.db");
      openSqliteStore(path).close();
      copyFileSync(path, before);
      const run = await runOnFakeDisk(ENTRY, [path, String(life), "400"], {
        at: 1 + Math.floor(random() * 500),
        what: "kill",
      });
      const twin = openSqliteStore(before);
      const steps = storeSteps(life);
      for (let done = 0; done < run.lines.length; done += 1) steps.next().value(twin);
      const acknowledged = contentOf(twin);
      steps.next().value(twin);
      expect([acknowledged, contentOf(twin)]).toContainEqual(contentAt(path));
      twin.close();
    }
  }, 600_000);
});
