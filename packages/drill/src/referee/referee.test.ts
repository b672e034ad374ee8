import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FaultDefinition } from "../fault.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { parseTicks } from "./machine-watch.ts";
import { planRuns } from "./plan-runs.ts";
import { quantileOf } from "./quantile.ts";
import { createSender } from "./send-request.ts";
import { parseWorkers } from "./watch-workers.ts";

describe("the referee", () => {
  it("imports only core and Node: nobody who is judged takes part", () => {
    const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.includes(".test."));
    const imported = files.flatMap((name) =>
      [...readFileSync(join(import.meta.dirname, name), "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from),
    );
    expect(files.length).toBeGreaterThan(15);
    const own = /^(\.\/[a-z-]+\.ts|\.\.\/(fault|injector|injector-reason)\.ts|node:[a-z_/]+|@flyball\/core)$/;
    expect(imported.filter((from) => !own.test(from ?? ""))).toEqual([]);
  });

  it("plans the same runs in the same order for a seed, a third of them without a fault", () => {
    const fault = (id: string): FaultDefinition => ({ id }) as FaultDefinition;
    const plan = planRuns([fault("a"), fault("b")], 10, 7);
    expect(plan).toEqual(planRuns([fault("a"), fault("b")], 10, 7));
    expect(plan).not.toEqual(planRuns([fault("a"), fault("b")], 10, 8));
    expect(plan.filter((run) => run.fault === undefined)).toHaveLength(10);
    expect(plan.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(planRuns([fault("a")], 1, 1).filter((run) => run.fault === undefined)).toHaveLength(1);
  });

  it("takes quantiles by nearest rank", () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect([quantileOf(values, 0.5), quantileOf(values, 0.95), quantileOf(values, 1)]).toEqual([10, 19, 20]);
    expect(quantileOf([], 0.5)).toBeUndefined();
  });

  it("reads how many workers the gateway has, and how often one was replaced", () => {
    const page = "# TYPE flyball_workers gauge\nflyball_workers 2\nflyball_worker_restarts_total 5\n";
    expect(parseWorkers(page)).toEqual({ workers: 2, restarts: 5 });
    expect(parseWorkers("flyball_workers 2\n")).toBeUndefined();
  });

  it("reads stolen time from the line of all processors", () => {
    expect(parseTicks("cpu  100 0 50 800 30 5 5 10 0 0\ncpu0 1 1\n")).toEqual({ busy: 170, stolen: 10, all: 1_000 });
  });
});

describe("an answer", () => {
  const event = (content: string): string => `data: {"choices":[{"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;

  it.each([
    ["application/json", '{"answer":"yes"}', undefined],
    ["application/json", '{"error":{"message":"no model"}}', { code: "words", words: "no model" }],
    ["application/json", '{"choices":[{"message":{"content":""}}]}', { code: "empty-completion" }],
    ["application/json", "{", { code: "not-json" }],
    ["text/plain", "", { code: "empty-answer" }],
    ["text/event-stream", `${event("a")}data: [DONE]\n\n`, undefined],
    ["text/event-stream", event("a"), { code: "no-last-event" }],
    ["text/event-stream", "data: [DONE]\n\n", undefined],
    ["text/event-stream", `${event("")}data: [DONE]\n\n`, { code: "empty-completion" }],
    ["text/event-stream", 'event: error\ndata: {"message":"x"}\n\n', { code: "words", words: '{"message":"x"}' }],
    ["text/event-stream", `${event("a")}data: {"cho`, { code: "event-not-json" }],
  ])("of %s %j has the problem %j", (type, body, problem) => {
    expect(judgeAnswer(type, body, true).problem).toEqual(problem);
  });

  it("that ends twice is doubled", () => {
    expect(judgeAnswer("text/event-stream", `${event("a")}data: [DONE]\n\ndata: [DONE]\n\n`, true)).toEqual({
      isDuplicated: true,
    });
  });
});

describe("a request", () => {
  const now = (): number => performance.now();

  async function sendTo(port: number, path: string, timeoutMs = 5_000) {
    const sender = createSender(timeoutMs, now);
    const request = { name: "a", origin: `http://127.0.0.1:${port}`, method: "GET", path, headers: {} };
    try {
      return await sender.send({ id: 0, dueAt: 0, request });
    } finally {
      sender.close();
    }
  }

  it("is answered, broken, refused or has no end", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/well") response.setHeader("x-flyball-attempts", "2").end("well");
      else if (request.url === "/broken") request.socket.destroy();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await sendTo(port, "/well")).toMatchObject({ end: "answered", status: 200, attempts: 2 });
    expect(await sendTo(port, "/broken")).toMatchObject({ end: "broken" });
    expect(await sendTo(port, "/silent", 50)).toMatchObject({ end: "none" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await sendTo(port, "/well")).toMatchObject({ end: "refused" });
  });
});
