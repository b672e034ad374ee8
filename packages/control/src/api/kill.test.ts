// A control that is killed in the middle of a command: the command is done with all that belongs to it, or was never given.
import { join } from "node:path";
import { createTemporaryFolder, runOnFakeDisk } from "@flyball/fakes";
import { expect, it } from "vitest";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { createControlRig } from "../testing/control-rig.ts";

const ENTRY = join(import.meta.dirname, "testdata", "run-commands.ts");
const STRIDE = process.env["FLYBALL_TEST_LONG"] === "1" ? 1 : 12;
const REPLICAS = "services.api.replicas";

/** What is stored, in the words of the commands; fails the test where a part is without the rest. */
function storedCommands(store: Store): ReadonlySet<string> {
  const audit = store.audit.list({ limit: 1_000 });
  const entries = (action: string): number => audit.filter((entry) => entry.action === action).length;
  const revisions = store.revisions.list().length;
  const fields = store.overrides.list().map(({ field }) => field);
  const [key] = store.keys.list();
  expect(entries("revision-write")).toBe(revisions);
  expect(new Set(fields).size).toBe(fields.length);
  // Each write lays one over the field; a drop, or the next write, takes it away.
  const replaced = entries("override-write") - entries("override-drop") - fields.length;
  expect(replaced).toBe(audit.filter(({ action }) => action === "override-write").length >= 2 ? 1 : 0);
  expect(fields.includes(REPLICAS)).toBe(entries("override-write") > 0 && revisions < 2);
  expect(entries("key-create")).toBe(key === undefined ? 0 : 1);
  expect(entries("key-rotate")).toBe(key?.rotatedAt === undefined ? 0 : 1);
  expect(entries("key-revoke")).toBe(key?.revoked === undefined ? 0 : 1);
  return new Set([
    ...["revision 1", "revision 2"].slice(0, revisions),
    ...["override", "override again", "pause"].slice(0, entries("override-write")),
    ...(entries("override-drop") === 2 ? ["resume"] : []),
    ...["key", "rotated", "revoked"].slice(0, entries("key-create") + entries("key-rotate") + entries("key-revoke")),
  ]);
}

it("leaves each command whole or not at all, and everything that was acknowledged, wherever it is killed", async () => {
  for (let at = 1; ; at += STRIDE) {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const run = await runOnFakeDisk(ENTRY, [path], { at, what: "kill" });
    expect(run.errors).toBe("");
    const store = openSqliteStore(path);
    const stored = storedCommands(store);
    expect(run.lines.filter((line) => !stored.has(line))).toEqual([]);
    expect(stored.size - run.lines.length).toBeLessThanOrEqual(1);
    const next = await createControlRig({ store });
    expect(next.errors).toEqual([]);
    await next.dispose();
    store.close();
    if (run.end === "ended") break;
  }
}, 300_000);
