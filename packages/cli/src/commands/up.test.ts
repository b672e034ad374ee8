import type { AppEvent, SnapshotRefusal } from "@flyball/core";
import type { ServerResponse } from "node:http";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { type FakeApp, startFakeApp } from "../testing/fake-app.ts";
import { makeInstance, makeServiceStatus, makeStatus } from "../testing/make-status.ts";

const api = makeServiceStatus("api", [makeInstance("api/0")]);
const refusal: SnapshotRefusal = {
  revision: 2,
  snapshotVersion: 5,
  code: "FB_CONTROL_SNAPSHOT_REFUSED",
  reason: "it has more than 4096 endpoints",
  remedy: "What was served before goes on. Correct the manifest, or go back. Try: flyball rollback",
};
const gateway = { isConnected: true, pid: 99, snapshotVersion: 4, refusal };
const plan = {
  fromRevision: 1,
  toRevision: 2,
  steps: [{ service: "api", action: "replace", reason: "changed: environment.A", changes: [] }],
  droppedOverrides: [],
};
const applied = { isChanged: true, revision: { number: 2, hash: "", author: "", reason: "up", createdAt: 0 }, plan };

/** An app that runs already and answers `up` with these events. */
function running(options: {
  readonly events: readonly object[];
  readonly status?: object;
  readonly onEvents?: () => void;
}): Promise<FakeApp> {
  return startFakeApp({
    answers: {
      "GET /v1/status": options.status ?? makeStatus([api]),
      "POST /v1/plan": plan,
      "POST /v1/revisions": applied,
      "GET /v1/events?after=0": (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const [index, event] of options.events.entries()) {
          const data = { sequence: index + 1, at: 1_700_000_000_000, ...event } as AppEvent;
          response.write(`id: ${data.sequence}\ndata: ${JSON.stringify(data)}\n\n`);
        }
        options.onEvents?.();
      },
    },
    manifest: "apiVersion: flyball/v1\nname: demo\nservices:\n  api: { command: [node, a.js] }\n",
    keeper: {
      "system-list": () => ({
        processes: [{ name: "control", generation: 1, pid: 1, state: "ready", restarts: 0 }],
      }),
      "secrets-put": () => undefined,
    },
  });
}

const written = { event: "revision-written", revision: 2, reason: "up", plan };

test("a revision that the gateway refuses ends `up` with 1 and says which, why and what to do", async () => {
  await using app = await running({
    events: [written, { event: "snapshot-refused", ...refusal }],
    status: makeStatus([api], { state: "degraded", gateway }),
  });
  const { exitCode, stdout, stderr } = await app.run(["up"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("api");
  expect(stderr).toContain(
    "✗ the gateway refused revision 2: it has more than 4096 endpoints\n  What was served before goes on. Correct the manifest, or go back. Try: flyball rollback\n  FB_CONTROL_SNAPSHOT_REFUSED",
  );
  expect(stderr.split("the gateway refused")).toHaveLength(2);
  expect(stderr.split("Plan for revision 2")).toHaveLength(2);
  expect(stderr).toContain("What runs stays as it is");
  expect((await app.run(["up", "--lang", "zh"])).stderr).toContain(
    "✗ 网关拒绝了版本 2：it has more than 4096 endpoints\n  之前的内容继续提供服务",
  );
});

test("status and ps say what the gateway refused, and the list of instances stays a list", async () => {
  await using app = await running({ events: [], status: makeStatus([api], { state: "degraded", gateway }) });
  const status = await app.run(["status"]);
  expect(status.exitCode).toBe(3);
  for (const text of [status.stdout, (await app.run(["ps"])).stderr]) {
    expect(text).toContain("the gateway refused revision 2: it has more than 4096 endpoints");
    expect(text).toContain("Try: flyball rollback");
    expect(text).toContain("FB_CONTROL_SNAPSHOT_REFUSED");
  }
  const list = JSON.parse((await app.run(["ps", "-o", "json"])).stdout) as readonly { instance: string }[];
  expect(list.map(({ instance }) => instance)).toEqual(["api/0"]);
});

test("a revision that is not reached in time ends `up` with 5 and names what is not there yet", async () => {
  const starting = makeServiceStatus("db", [], { state: "starting", reason: "connect 127.0.0.1:1 → no\nmore" });
  const clock: FakeClock = createFakeClock(1_700_000_000_000);
  await using app = await running({
    events: [written],
    status: makeStatus([api, starting], { state: "starting" }),
    onEvents: () => void setImmediate(() => void clock.advance(90_000)),
  });
  const { exitCode, stderr } = await app.run(["up", "--timeout", "90s"], {}, clock);
  expect(exitCode).toBe(5);
  expect(stderr).toContain("✗ reaching revision 2 took longer than 90 s");
  expect(stderr).toContain("Not there yet: db ◌ starting (connect 127.0.0.1:1 → no). Try: flyball status");
  expect(stderr).toContain("FB_CLI_TIMED_OUT");
});

test("a limit that is no duration is a usage error", async () => {
  await using app = await running({ events: [] });
  expect((await app.run(["up", "--timeout", "soon"])).exitCode).toBe(2);
});
