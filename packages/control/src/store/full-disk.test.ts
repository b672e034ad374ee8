// A full disk: what people ask for is refused whole, what control notes waits and is there once there is room, and nothing is damaged.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder, runOnFakeDisk } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { contentOf, storeSteps } from "./testdata/store-steps.ts";
import { createStoreWriter } from "./store-writer.ts";

const FILL = join(import.meta.dirname, "testdata", "fill-disk.ts");
const WRITE = join(import.meta.dirname, "testdata", "write-store.ts");
const STEPS = 60;
/** Each process takes some tenths of a second: `npm test` goes to some of the write points. */
const STRIDE = process.env["FLYBALL_TEST_LONG"] === "1" ? 1 : 4;

function contentAt(path: string): unknown {
  const store = openSqliteStore(path);
  try {
    return contentOf(store);
  } finally {
    store.close();
  }
}

describe("the store on a disk that is full for a while", () => {
  it.each([
    ["ENOSPC", 12, 40],
    ["ENOSPC", 30, 59],
    ["EROFS", 25, 45],
  ] as const)(
    "%s from write %i on, until step %i: holds all that was not refused",
    async (what, at, roomBefore) => {
      await using folder = await createTemporaryFolder();
      const path = join(folder.path, "store.db");
      const words = [path, "21", String(STEPS), String(roomBefore)];
      const run = await runOnFakeDisk(FILL, words, { at: at + MIGRATIONS.length * 3, what, lasts: true });
      expect(run).toMatchObject({ end: "ended", code: 0, errors: "" });
      const refused = run.lines.filter((line) => line !== "taken");
      expect(refused.length).toBeGreaterThan(2);
      for (const line of refused) expect(line).toContain(`refused: the store at ${path} takes nothing: `);
      const twin = openSqliteStore(":memory:");
      const steps = storeSteps(21);
      for (const line of run.lines) {
        const step = steps.next().value;
        if (line === "taken") step(twin);
      }
      expect(contentAt(path)).toEqual(contentOf(twin));
    },
    60_000,
  );

  it("is opened by nobody without an error that says so, and is as it was", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const old = new DatabaseSync(path);
    old.exec(`${MIGRATIONS.slice(0, 3).join(";")}; PRAGMA user_version = 3; INSERT INTO meta VALUES ('a', 'b')`);
    old.close();
    for (let at = 1; ; at += STRIDE) {
      const run = await runOnFakeDisk(WRITE, [path, "1", "0"], { at, what: "ENOSPC", lasts: true });
      if (run.code === 0) break;
      expect(run.errors).toContain(`the store at ${path} takes nothing: `);
    }
    const store = openSqliteStore(path);
    expect(store.meta.get("a")).toBe("b");
    store.close();
  }, 60_000);

  it("is moved to this program's format whole or not at all, and by the next one, when a kill comes between", async () => {
    for (let at = 1; ; at += STRIDE) {
      await using folder = await createTemporaryFolder();
      const path = join(folder.path, "store.db");
      const old = new DatabaseSync(path);
      old.exec(`${MIGRATIONS.slice(0, 6).join(";")}; PRAGMA user_version = 6; INSERT INTO meta VALUES ('a', 'b')`);
      old.close();
      const run = await runOnFakeDisk(WRITE, [path, "1", "0"], { at, what: "kill" });
      const store = openSqliteStore(path);
      expect(store.meta.get("a")).toBe("b");
      store.revisions.list();
      store.close();
      if (run.end === "ended") break;
    }
  }, 60_000);
});

it("rows that wait are bounded, and an error that is no fault of the disk is thrown", () => {
  const database = new DatabaseSync(":memory:");
  const writer = createStoreWriter(database);
  const full = Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
  const wrong = Object.assign(new Error("UNIQUE constraint failed"), { code: "ERR_SQLITE_ERROR", errcode: 2067 });
  const fail = (error: Error) => () => {
    throw error;
  };
  expect(() => writer.note({ key: "a/0", value: 0, write: fail(wrong) })).toThrow("UNIQUE");
  for (let at = 0; at < 20_100; at += 1) writer.note({ key: `a/${at}`, value: at, write: fail(full) });
  expect(writer.waitingIn("a")).toHaveLength(20_000);
  expect(writer.waiting("a/0")).toBeUndefined();
  expect(() => writer.catchUp()).toThrow("takes nothing");
  expect(() => writer.atomically(() => 1)).toThrow("takes nothing");
});
