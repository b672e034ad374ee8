import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { makeInstance, makeServiceStatus, makeStatus } from "../testing/make-status.ts";

const api = makeServiceStatus("api", [
  makeInstance("api/0", { rssBytes: 50 * 1024 ** 2, cpuPercent: 1.25 }),
  makeInstance("api/1", { state: "starting", pid: 101 }),
]);
const status = makeStatus(
  [
    api,
    makeServiceStatus("db", [makeInstance("db/0", { pid: null, port: null, state: "failed", reason: "no disk" })], {
      state: "failed",
      reason: "no disk",
    }),
  ],
  { state: "failed" },
);
const answers = { "GET /v1/status": status };

describe("ps", () => {
  test("lists instances as a table without colour off a terminal", async () => {
    await using app = await startFakeApp({ answers });
    const { exitCode, stdout, stderr } = await app.run(["ps"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n").map((line) => line.split(/\s{2,}/));
    expect(lines[0]).toEqual(["INSTANCE", "STATE", "PID", "PORT", "UPTIME", "RESTARTS", "CPU", "MEMORY", "REVISION"]);
    expect(lines[1]?.slice(0, 4)).toEqual(["api/0", "✓ ready", "100", "20000"]);
    expect(lines[1]?.slice(6)).toEqual(["1.3 %", "50 MiB", "1"]);
    expect(stdout).toContain("db/0: no disk");
  });

  test("gives scripts stable names, of one service too", async () => {
    await using app = await startFakeApp({ answers });
    const all = JSON.parse((await app.run(["ps", "-o", "json"])).stdout) as Record<string, unknown>[];
    expect(all.map(({ service, instance, pid, state, port }) => [service, instance, pid, state, port])).toEqual([
      ["api", "api/0", 100, "ready", 20_000],
      ["api", "api/1", 101, "starting", 20_000],
      ["db", "db/0", null, "failed", null],
    ]);
    const lines = (await app.run(["ps", "db", "-o", "ndjson"])).stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { instance: string }).instance)).toEqual(["db/0"]);
  });

  test("answers a misspelt service with the nearest name, then all there are with it first", async () => {
    await using app = await startFakeApp({ answers });
    const { exitCode, stderr } = await app.run(["ps", "bd"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the app has no service bd. Did you mean db? Its services are db, api");
    const far = await app.run(["ps", "frontend", "--lang", "zh"]);
    expect(far.stderr).toContain("应用中没有服务 frontend；它的服务有 api, db");
  });
});

describe("status", () => {
  test("is 3 when the app is not well and 0 when it is", async () => {
    await using ill = await startFakeApp({ answers });
    expect((await ill.run(["status"])).exitCode).toBe(3);
    await using well = await startFakeApp({ answers: { "GET /v1/status": makeStatus([api]) } });
    const { exitCode, stdout } = await well.run(["status", "--lang", "zh"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("✓ 就绪");
    expect(stdout).toContain("网关已连接");
  });
});

describe("changes", () => {
  const override = {
    id: "o",
    field: "paused",
    value: true,
    actor: "ann",
    reason: "r",
    createdAt: 0,
    againstRevision: 1,
  };

  test("scale takes name and number in both forms", async () => {
    const scaled = { ...answers, "POST /v1/scale": { override } };
    await using app = await startFakeApp({ answers: scaled });
    expect((await app.run(["scale", "api", "3"])).stdout).toBe("api goes to 3\n");
    await app.run(["scale", "api=0", "--reason", "night"]);
    expect(app.asked.filter((call) => call.startsWith("POST"))).toEqual([
      'POST /v1/scale {"service":"api","replicas":3}',
      'POST /v1/scale {"service":"api","replicas":0,"reason":"night"}',
    ]);
    expect((await app.run(["scale", "api"])).exitCode).toBe(2);
    expect((await app.run(["scale", "api", "-1"])).exitCode).toBe(2);
  });

  test("pause sends its duration in milliseconds and names the way back", async () => {
    await using app = await startFakeApp({
      answers: { ...answers, "POST /v1/pause": { override: { ...override, expiresAt: 1 } } },
    });
    const { exitCode, stderr } = await app.run(["pause", "api", "--for", "1h", "--reason", "look"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Try: flyball resume api");
    expect(app.asked.at(-1)).toBe('POST /v1/pause {"reason":"look","service":"api","forMs":3600000}');
  });

  test("restart names the instance apart from its service", async () => {
    await using app = await startFakeApp({ answers: { ...answers, "POST /v1/restart": { restarted: ["api/1"] } } });
    expect((await app.run(["restart", "api/1"])).stdout).toBe("Restarting: api/1\n");
    expect(app.asked.at(-1)).toBe('POST /v1/restart {"service":"api","instance":"api/1"}');
  });

  test("what control refuses comes out with its code and exit code", async () => {
    await using app = await startFakeApp({ answers: {} });
    const { exitCode, stderr } = await app.run(["history"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("FB_CONTROL_BAD_REQUEST");
  });
});

describe("history and logs", () => {
  const revision = (number: number): object => ({
    number,
    hash: "abcdef0123456789",
    author: "ann",
    reason: "up",
    createdAt: 0,
  });

  test("history is newest first and marks the current revision", async () => {
    await using app = await startFakeApp({
      answers: { "GET /v1/revisions": { revisions: [revision(1), revision(2)], current: 2 } },
    });
    const lines = (await app.run(["history"])).stdout.trimEnd().split("\n");
    expect(lines.slice(1).map((line) => line.split(/\s{2,}/).slice(0, 2))).toEqual([
      ["2", "✓ current"],
      ["1", expect.stringMatching(/^\d{4}-/)],
    ]);
  });

  test("diff shows each path with before and after, and says when there is none", async () => {
    const changes = [{ path: "services.api.replicas", before: 1, after: 2 }];
    await using app = await startFakeApp({
      answers: { "GET /v1/diff": { changes }, "GET /v1/diff?from=1&to=2": { changes: [] } },
    });
    expect((await app.run(["diff"])).stdout).toBe("services.api.replicas: 1 → 2\n");
    expect((await app.run(["diff", "1", "2"])).stdout).toBe("No differences\n");
  });

  test("logs have the instance before each line, as wide as the widest so far", async () => {
    const lines = ["api/0", "worker/10", "api/0"].map((instance, at) =>
      JSON.stringify({ at, instance, stream: "stdout", text: `line ${at}` }),
    );
    const stream = (response: { end(text: string): void }): void => response.end(`${lines.join("\n")}\n`);
    await using app = await startFakeApp({ answers: { ...answers, "GET /v1/logs?tail=200&follow=false": stream } });
    const { exitCode, stdout } = await app.run(["logs"]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe("api/0 | line 0\nworker/10 | line 1\napi/0     | line 2\n");
    expect((await app.run(["logs", "-o", "ndjson"])).stdout).toBe(`${lines.join("\n")}\n`);
  });

  test("logs of an instance that never was are a usage error; one that is gone still has its lines", async () => {
    const stream = (response: { end(text: string): void }): void => response.end("");
    const call = "GET /v1/logs?service=api&instance=api%2F7&tail=200&follow=false";
    await using app = await startFakeApp({ answers: { ...answers, [call]: stream } });
    mkdirSync(join(app.layout.logs, "api"), { recursive: true });
    writeFileSync(join(app.layout.logs, "api", "7.log"), "");
    expect((await app.run(["logs", "api/7"])).exitCode).toBe(0);
    const refused = await app.run(["logs", "api/9"]);
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(
      /there is no instance api\/9; those of the service are api\/0.*api\/7\n.*flyball ps/,
    );
  });
});
