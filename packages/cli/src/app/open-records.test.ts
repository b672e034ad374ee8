import { stateLayout } from "@flyball/core";
import { openSqliteStore } from "@flyball/control";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { makeService, makeSpec } from "../testing/make-status.ts";
import { runForTest } from "../testing/run-for-test.ts";
import { prepareStateFolder } from "./app-record.ts";
import { cloneOf } from "./locate-manifest.ts";

/** An app that was ended: two revisions and an incident are in its store. */
async function endedApp() {
  const folder = await createTemporaryFolder();
  const manifestPath = await folder.write("flyball.yaml", "apiVersion: flyball/v1\nname: demo\n");
  const environment = { FLYBALL_STATE: `${folder.path}/state` };
  const clone = cloneOf(manifestPath, { environment, home: "/" });
  const layout = stateLayout(environment.FLYBALL_STATE, "demo", clone);
  prepareStateFolder({ app: "demo", clone, manifestPath, layout, startedAt: 0 });
  const run = (...argv: readonly string[]) => runForTest(argv, { directory: folder.path, environment });
  return { folder, layout, run };
}

function fillStore(path: string): void {
  const store = openSqliteStore(path);
  for (const replicas of [1, 2])
    store.revisions.append({
      hash: String(replicas).repeat(64),
      author: "ann",
      reason: "up",
      createdAt: 0,
      spec: makeSpec([makeService("api", { replicas })]),
    });
  store.incidents.put({
    id: "inc_1",
    number: 1,
    class: "process-exit",
    subject: { service: "api", ordinal: 0 },
    revision: 1,
    began: { lastGood: 1_000, firstBad: 1_400, source: "exit-event" },
    detectedAt: 1_500,
    goodWindowMs: 10_000,
    state: "open",
    summary: "api/0 exited",
    evidence: [],
    actions: [],
  });
  store.audit.append(
    { actor: "ann", action: "key-revoke", reason: "left", difference: { before: null, after: { id: "key_1" } } },
    5,
  );
  store.close();
}

test("revisions, incidents and the audit trail of an app that was ended are read from its store, and that is said", async () => {
  const { folder, layout, run } = await endedApp();
  await using _folder = folder;
  fillStore(layout.store);
  const history = await run("history", "-o", "json");
  expect(history.stderr).toContain("demo is not running; this is what is stored of it");
  expect(JSON.parse(history.stdout)).toMatchObject([
    { number: 2, isCurrent: true },
    { number: 1, isCurrent: false },
  ]);
  expect((await run("diff")).stdout).toBe("services.api.replicas: 1 → 2\n");
  expect(JSON.parse((await run("incidents", "--state", "open", "-o", "json")).stdout)).toHaveLength(1);
  expect(JSON.parse((await run("incidents", "--state", "closed", "-o", "json")).stdout)).toEqual([]);
  expect((await run("incidents", "show", "#1")).stdout).toContain("Incident 1: api/0 exited");
  expect(JSON.parse((await run("audit", "--json")).stdout)).toMatchObject([
    { sequence: 1, actor: "ann", action: "key-revoke" },
  ]);
  const missing = await run("incidents", "show", "9");
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("Try: flyball incidents")]);
  expect((await run("diff", "1", "7")).stderr).toContain("FB_CONTROL_NOT_FOUND");
});

test("an app without a store is not running", async () => {
  const { folder, run } = await endedApp();
  await using _folder = folder;
  const { exitCode, stderr } = await run("history");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("FB_CLI_NOT_RUNNING")]);
});
