import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { startFake } from "../testing/start-fake.ts";

// A process needs a second to start on an idle machine, and several on a busy one.
vi.setConfig({ testTimeout: 60_000 });

interface Running {
  readonly child: ChildProcess;
  /** Resolves with the line of the given event. */
  readonly line: (event: string) => Promise<Record<string, string>>;
}

function run(service: string, environment: Record<string, string>): Running {
  const script = fileURLToPath(new URL(`../${service}/server.ts`, import.meta.url));
  const env = { PATH: process.env["PATH"] ?? "", ...environment };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Record<string, string>[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(JSON.parse(text) as Record<string, string>);
    for (const wake of waiting.splice(0)) wake();
  });
  const line = async (event: string): Promise<Record<string, string>> => {
    for (;;) {
      const found = lines.find((candidate) => candidate["event"] === event);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { child, line };
}

const upstreams = {
  FLYBALL_DATABASE_URL: "http://127.0.0.1:1",
  FLYBALL_LANGUAGE_URL: "http://127.0.0.1:1",
};
const model = {
  OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
  OPENAI_MODEL: "chat",
  OPENAI_API_KEY: "key",
};

test.each([
  ["database", {}],
  ["language", { ...upstreams, ...model }],
  ["question", upstreams],
])("%s starts alone, says where it listens, is healthy, and exits 0 on SIGTERM", async (service, environment) => {
  const { child, line } = run(service, { ...environment, FLYBALL_INSTANCE: "qa.1/x/0" });
  const { url, instance } = await line("listening");
  expect(instance).toBe("qa.1/x/0");
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});

test("a missing or wrong setting ends the start with its name", async () => {
  const missing = run("language", upstreams);
  expect((await missing.line("start-failed"))["message"]).toBe("OPENAI_BASE_URL is not set.");
  const wrong = run("question", { ...upstreams, PORT: "http" });
  expect((await wrong.line("start-failed"))["message"]).toContain("PORT");
  const [code] = (await once(wrong.child, "exit")) as [number];
  expect(code).toBe(1);
});

test("what the database stored outlives a kill -9", async () => {
  const folder = mkdtempSync(join(tmpdir(), "qa-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = run("database", { FLYBALL_VOLUME_QA: folder });
  const { url } = await first.line("listening");
  const body = JSON.stringify({ question: "q?", answer: "a", model: "m", sources: [] });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${url}/answers`, { method: "POST", headers, body })).status).toBe(201);
  const exited = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await exited;
  const second = run("database", { FLYBALL_VOLUME_QA: folder });
  const again = await second.line("listening");
  const { candidates } = (await (await fetch(`${again["url"]}/candidates`)).json()) as {
    candidates: unknown[];
  };
  expect(candidates).toMatchObject([{ question: "q?", answer: "a" }]);
});

test("SIGTERM lets a request in flight finish before the exit", async () => {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const database = await startFake(async (_, response) => {
    arrived.resolve();
    await release.promise;
    response.setHeader("content-type", "application/json");
    response.end(`{"found":true,"source":"approved","answer":"late","model":"m","sources":[]}`);
  });
  onTestFinished(() => database.stop());
  const { child, line } = run("question", { ...upstreams, FLYBALL_DATABASE_URL: database.url });
  const { url } = await line("listening");
  const answer = fetch(`${url}/ask`, {
    method: "POST",
    body: new URLSearchParams({ question: "q?" }),
  });
  await arrived.promise;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await line("draining");
  release.resolve();
  const response = await answer;
  expect(response.headers.get("connection")).toBe("close");
  expect(await response.json()).toMatchObject({ answer: "late", answered_by: "m" });
  expect(await exited).toEqual([0, null]);
});
