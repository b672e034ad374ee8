import { createTemporaryFolder } from "@flyball/fakes";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { makeSpec } from "../testing/make-spec.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describe("the store", () => {
  it("numbers revisions and gives them back unchanged after it was opened again", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const first = openSqliteStore(path);
    const entry = { hash: "h", author: "a", reason: "up", createdAt: 5, spec: makeSpec([]) };
    expect(first.revisions.append(entry).number).toBe(1);
    expect(first.revisions.append({ ...entry, reason: "again" }).number).toBe(2);
    first.close();
    const second = openSqliteStore(path);
    expect(second.revisions.latest()).toEqual({ ...entry, number: 2, reason: "again" });
    expect(second.revisions.get(1)?.spec).toEqual(entry.spec);
    expect(second.revisions.list().map((revision) => revision.number)).toEqual([2, 1]);
    second.close();
  });

  it("gives back what a reason was composed of, and takes up rows from before there was that", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const old = new DatabaseSync(path);
    old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
    old.exec(`INSERT INTO revisions VALUES (1, 'h', 'a', 'file changed', 5, '${JSON.stringify(makeSpec([]))}')`);
    old.close();
    const store = openSqliteStore(path);
    expect(existsSync(`${path}.v1`)).toBe(true);
    const before = { number: 1, hash: "h", author: "a", reason: "file changed", createdAt: 5 };
    expect(store.revisions.list()).toEqual([before]);
    const composed = { reason: { key: "revision.rollback", values: { revision: 1 } } };
    const entry = { hash: "g", author: "a", reason: "rollback to 1", composed, createdAt: 6, spec: makeSpec([]) };
    store.revisions.append(entry);
    expect(store.revisions.latest()).toEqual({ ...entry, number: 2 });
    store.close();
  });

  it("keeps one override a field", () => {
    const store = openSqliteStore(":memory:");
    const override = {
      id: "1",
      field: "services.a.replicas",
      value: 2,
      actor: "x",
      reason: "y",
      createdAt: 0,
      againstRevision: 1,
    };
    store.overrides.put(override);
    store.overrides.put({ ...override, id: "2", value: 3 });
    expect(store.overrides.list().map((entry) => entry.value)).toEqual([3]);
  });

  it("lists the newest entries of the audit trail, oldest of them first, and those since a moment", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const old = new DatabaseSync(path);
    old.exec(`${MIGRATIONS.slice(0, 5).join(";")}; PRAGMA user_version = 5`);
    old.exec("INSERT INTO audit (at, actor, action, reason, difference) VALUES (1, 'a', 'restart', '', '[\"api/0\"]')");
    old.close();
    const store = openSqliteStore(path);
    const composed = { reason: { key: "revision.rollback", values: { revision: 3 } } };
    const rollback = {
      actor: "ann",
      action: "revision-write",
      reason: "rollback to 3",
      composed,
      difference: [],
    } as const;
    store.audit.append({ ...rollback, command: "flyball rollback 3" }, 2);
    store.audit.append({ actor: "control", action: "override-drop", reason: "expired", difference: null }, 3);
    const [first, second, third] = [
      { sequence: 1, at: 1, actor: "a", action: "restart", reason: "", difference: ["api/0"] },
      { sequence: 2, at: 2, ...rollback, command: "flyball rollback 3" },
      { sequence: 3, at: 3, actor: "control", action: "override-drop", reason: "expired", difference: null },
    ];
    expect(store.audit.list({ limit: 50 })).toEqual([first, second, third]);
    expect(store.audit.list({ limit: 2 })).toEqual([second, third]);
    expect(store.audit.list({ limit: 50, since: 3 })).toEqual([third]);
    store.close();
  });

  it("keeps the command that caused an entry of the audit trail, beside entries from before there was one", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const old = new DatabaseSync(path);
    old.exec(`${MIGRATIONS.slice(0, 4).join(";")}; PRAGMA user_version = 4`);
    old.exec("INSERT INTO audit (at, actor, action, reason, difference) VALUES (1, 'a', 'restart', '', 'null')");
    old.close();
    const store = openSqliteStore(path);
    const entry = { actor: "ann", action: "override-write", reason: "more", difference: { x: 1 } } as const;
    store.audit.append({ ...entry, command: "flyball scale api=3" }, 2);
    store.audit.append(entry, 3);
    store.close();
    const database = new DatabaseSync(path);
    const rows = database.prepare("SELECT at, command FROM audit ORDER BY at").all() as unknown[];
    database.close();
    expect(rows).toEqual([
      { at: 1, command: null },
      { at: 2, command: "flyball scale api=3" },
      { at: 3, command: null },
    ]);
  });

  it("bounds the events and goes on from a sequence number", () => {
    const store = openSqliteStore(":memory:");
    for (let number = 0; number < 11_000; number += 1)
      store.events.append({ event: "gateway-state", state: "lost" }, number);
    expect(store.events.lastSequence()).toBe(11_000);
    expect(store.events.after(10_990, 100)).toHaveLength(10);
    expect(store.events.after(0, 1)[0]?.sequence).toBeGreaterThan(900);
  });

  it("refuses a store that a newer program wrote, and leaves it as it is", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    openSqliteStore(path).close();
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    expect(() => openSqliteStore(path)).toThrow(
      `format ${MIGRATIONS.length + 1}; this program knows ${MIGRATIONS.length}`,
    );
    expect(existsSync(`${path}.v${MIGRATIONS.length + 1}`)).toBe(false);
  });
});
