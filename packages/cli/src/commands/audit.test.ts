import type { AuditRecord } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";

const entry = { at: 0, actor: "ann", reason: "", difference: null } satisfies Partial<AuditRecord>;
const ENTRIES: readonly AuditRecord[] = [
  {
    ...entry,
    sequence: 1,
    action: "revision-write",
    reason: "rollback to 3",
    composed: { reason: { key: "revision.rollback", values: { revision: 3 } } },
    difference: [
      { path: "services.api.replicas", before: 1, after: 2 },
      { path: "services.api.env.X", before: 1, after: 2 },
    ],
    command: "flyball rollback 3",
  },
  {
    ...entry,
    sequence: 2,
    action: "override-write",
    reason: "more",
    difference: { field: "services.api.replicas", value: 3 },
    command: "flyball scale api=3 --reason more",
  },
  {
    ...entry,
    sequence: 3,
    actor: "control",
    action: "override-drop",
    reason: "expired\nat noon",
    difference: { field: "services.api.replicas", value: 3 },
  },
  { ...entry, sequence: 4, action: "restart", difference: ["api/0", "api/1"], command: "POST /v1/restart" },
  {
    ...entry,
    sequence: 5,
    action: "key-rotate",
    difference: { before: { id: "key_1" }, after: { id: "key_1", name: "ci" } },
  },
  { ...entry, sequence: 6, action: "key-create", difference: { before: null, after: { id: "key_2", name: "" } } },
  { ...entry, sequence: 7, actor: "resources", action: "preempt", difference: { instance: "batch/0" } },
  { ...entry, sequence: 8, action: "moon-landing", difference: 7 },
];

const cells = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s{2,}/).slice(1));

test("the audit trail says who did what to what, why, and what was typed, in both languages", async () => {
  await using app = await startFakeApp({ answers: { "GET /v1/audit?limit=50": { entries: ENTRIES } } });
  const english = await app.run(["audit"]);
  expect([english.exitCode, english.stderr]).toEqual([0, ""]);
  expect(cells(english.stdout)).toEqual([
    ["WHO", "ACTION", "SUBJECT", "REASON", "COMMAND"],
    ["ann", "wrote revision", "services.api.replicas and 1 more", "rollback to 3", "flyball rollback 3"],
    ["ann", "wrote override", "services.api.replicas = 3", "more", "flyball scale api=3 --reason more"],
    ["control", "dropped override", "services.api.replicas", "expired", "-"],
    ["ann", "restarted", "api/0 and 1 more", "-", "POST /v1/restart"],
    ["ann", "gave key another value", "ci", "-", "-"],
    ["ann", "made key", "key_2", "-", "-"],
    ["resources", "made room", "batch/0", "-", "-"],
    ["ann", "moon-landing", "-", "-", "-"],
  ]);
  const chinese = cells((await app.run(["audit", "--lang", "zh"])).stdout);
  expect(chinese.slice(0, 3)).toEqual([
    ["操作者", "动作", "对象", "原因", "命令"],
    ["ann", "写入版本", "services.api.replicas，另有 1 项", "回到版本 3", "flyball rollback 3"],
    ["ann", "写入覆盖", "services.api.replicas = 3", "more", "flyball scale api=3 --reason more"],
  ]);
});

test("scripts get every entry whole, and ask for what they need", async () => {
  const clock = createFakeClock(1_700_000_000_000);
  const since = 1_700_000_000_000 - 90 * 60_000;
  await using app = await startFakeApp({
    answers: {
      [`GET /v1/audit?limit=3&since=${since}`]: { entries: ENTRIES.slice(0, 3) },
      "GET /v1/audit?limit=50": { entries: [] },
    },
  });
  const asked = ["audit", "--since", "90m", "--limit", "3"];
  for (const format of [["--json"], ["-o", "json"]]) {
    expect(JSON.parse((await app.run([...asked, ...format], {}, clock)).stdout)).toEqual(ENTRIES.slice(0, 3));
  }
  expect((await app.run([...asked, "-o", "ndjson"], {}, clock)).stdout.trimEnd().split("\n")).toHaveLength(3);
  expect((await app.run(["audit"])).stdout).toBe("Nobody changed anything\n");
  expect((await app.run(["audit", "--json"])).stdout).toBe("[]\n");
});

test.each([
  [["--limit", "0"], "--limit: expected a whole number from 1 to 1000, seen 0"],
  [["--since", "noon"], "--since: expected a duration such as 90s, 15m or 1h30m, seen noon"],
])("audit %s is refused with what is expected", async (words, said) => {
  await using app = await startFakeApp({ answers: {} });
  const { exitCode, stderr } = await app.run(["audit", ...words]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(said);
});
