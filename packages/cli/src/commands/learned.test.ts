import {
  FlyballError,
  NO_USAGE,
  type CallExplanation,
  type EndpointPrediction,
  type LedgerRecord,
  type PredictionStatus,
} from "@flyball/core";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";

const predictions: PredictionStatus = {
  models: [
    {
      model: "chat",
      answers: 1_204,
      count: 1_024,
      shareWithinP50: 0.52,
      shareWithinP90: 0.91,
      kendallTau: 0.463,
      medianErrorFactor: 1.62,
      levels: [
        { level: "all", evenAnswers: 3.2 },
        { level: "key", evenAnswers: 12.6 },
        { level: "size", evenAnswers: 90_000 },
        { level: "later", evenAnswers: 5 },
      ],
    },
  ],
  endpoints: [
    {
      endpoint: "llm/0@1",
      rates: { prefillMs: 0.0712, decodeMs: 0.35, contextMs: 0.0001 },
      activeCap: 64,
      capReason: "engine-waiting",
      kvTokenCap: 40_000,
      foreignRunning: 2,
      firstTokens: 10,
      tokenGaps: 20,
    },
    {
      endpoint: "llm/1@1",
      rates: { prefillMs: 0.07, decodeMs: 0.4, contextMs: 0 },
      activeCap: null,
      capReason: null,
      kvTokenCap: null,
      foreignRunning: 0,
      firstTokens: 0,
      tokenGaps: 0,
    },
  ],
  engines: { answering: 1, asked: 2 },
};

/** One in which nothing has waited so far, and whose manifest says nothing of what it bears. */
const unbounded = { ...(predictions.endpoints[1] as EndpointPrediction), endpoint: "llm/2@1", capReason: "initial" };

const cells = (text: string): readonly (readonly string[])[] => text.split("\n").map((line) => line.split(/\s{2,}/));

describe("flyball models predict", () => {
  it("shows how well answers are foretold, what tells them apart, and what endpoints bear", async () => {
    const endpoints = [...predictions.endpoints, unbounded];
    await using app = await startFakeApp({ answers: { "GET /v1/predictions": { ...predictions, endpoints } } });
    const { exitCode, stdout } = await app.run(["models", "predict"]);
    expect(exitCode).toBe(0);
    const lines = cells(stdout);
    expect(lines[1]).toEqual(["chat", "1204", "52 %", "91 %", "0.46", "×1.62"]);
    expect(stdout).toContain("Of the last 1024 answers");
    expect(lines).toContainEqual(["all answers", "3"]);
    expect(lines).toContainEqual(["key", "13"]);
    expect(lines).toContainEqual(["its exact size", "nothing"]);
    expect(lines).toContainEqual(["later", "5"]);
    expect(lines).toContainEqual(["llm/0@1", "71.2", "0.350", "64 (more wait in it)", "40000", "2"]);
    expect(lines).toContainEqual(["llm/1@1", "70.0", "0.400", "as declared", "-", "0"]);
    expect(lines).toContainEqual(["llm/2@1", "70.0", "0.400", "no bound found", "-", "0"]);
    expect(stdout).toContain("Engines whose metrics are read: 1 of 2");
  });

  it("gives scripts everything, speaks Chinese, and says when there is nothing yet", async () => {
    await using app = await startFakeApp({ answers: { "GET /v1/predictions": predictions } });
    expect(JSON.parse((await app.run(["models", "predict", "-o", "json"])).stdout)).toEqual(predictions);
    expect((await app.run(["models", "predict", "--lang", "zh"])).stdout).toContain("回答数");
    const empty = { models: [], endpoints: [], engines: { answering: 0, asked: 0 } };
    await using fresh = await startFakeApp({ answers: { "GET /v1/predictions": empty } });
    expect((await fresh.run(["models", "predict"])).stdout).toBe("No answer has been learned from yet\n");
  });
});

const at = Date.UTC(2026, 10, 23, 12);

const explanation: CallExplanation = {
  requestId: "req_7",
  scheduling: {
    requestId: "req_7",
    worker: 0,
    pool: "llm",
    model: "chat",
    tenant: "acme",
    class: "normal",
    state: "ended",
    arrivedAt: at,
    deadlineAt: null,
    inputTokens: 812,
    outputTokens: 120,
    outputTokensHigh: 180,
    workMs: 98.5,
    attempts: [
      {
        endpoint: "llm/0@1",
        at: at + 123,
        by: "arbiter",
        reason: "first",
        waitedMs: 123,
        candidates: 2,
        loadAfter: 0.412,
        cachedTokens: 640,
        uncachedTokens: 172,
        key: 98.5,
        queuedBefore: 7,
        firstTokenAt: at + 300,
        endedAt: at + 4_123,
        outcome: "succeeded",
        outputTokens: 240,
      },
    ],
    refusal: null,
  },
  calls: [
    {
      requestId: "req_7",
      outcome: "answered",
      status: 200,
      durationMs: 4_123,
      ttftMs: 300,
      isEstimated: false,
      usage: { ...NO_USAGE, input: 172, cacheRead: 640, output: 240 },
      cost: { usd: 120, cny: 0, isUnknown: false },
      attempts: [
        {
          backend: "chat/0",
          outcome: "succeeded",
          durationMs: 4_000,
          usage: { ...NO_USAGE, input: 172, cacheRead: 640, output: 240 },
        },
      ],
    } as unknown as LedgerRecord,
  ],
};

async function explained(answer: unknown, ...words: readonly string[]) {
  await using app = await startFakeApp({ answers: { "GET /v1/calls/req_7": answer } });
  return await app.run(["explain", "req_7", ...words]);
}

describe("flyball explain", () => {
  it("says why there, why then, and what came of it", async () => {
    const { exitCode, stdout } = await explained(explanation);
    expect(exitCode).toBe(0);
    for (const text of [
      "req_7  has ended",
      "model chat, pool llm, tenant acme, class normal",
      "with 812 tokens; foretold 120 tokens of answer (memory for 180) and 99 ms of work",
      "sent to llm/0@1",
      "after 123 ms in the queue (7 waited then): of its tenant it had the least work left (99 ms)",
      "endpoints with room: 2; this one had the least load with it: 0.41. Of the prompt it knew 640 tokens and had to read 172",
      "first token after 177 ms",
      "ended after 4 s: succeeded, 240 tokens of answer",
      "Ledger: answered, status 200, 4.1 s in all, first token after 300 ms",
      "chat/0  succeeded  4 s  812 tokens in, 240 out",
      "812 tokens in (640 from the cache), 240 out; cost 0.000120 USD",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it("says what one that waits is waiting for, and why one was refused", async () => {
    const { scheduling } = explanation;
    const standing = {
      waitedMs: 5,
      ahead: 3,
      tenantLead: 0,
      key: 40,
      isOldestOfTenant: true,
      waitsFor: "memory",
    };
    const waiting = {
      ...explanation,
      calls: [],
      scheduling: { ...scheduling, state: "waiting", attempts: [], standing },
    };
    const { stdout } = await explained(waiting);
    expect(stdout).toContain(
      "Waits for memory; 3 come before it. Of its tenant it is the oldest, with 40 ms of work left",
    );
    expect(stdout).toContain("no model call of this id");
    const refusal = { code: "FB_GATEWAY_SHED", reason: "queue-full" };
    const refused = { ...explanation, scheduling: { ...scheduling, state: "refused", attempts: [], refusal } };
    expect((await explained(refused)).stdout).toContain("Refused: FB_GATEWAY_SHED (queue-full)");
  });

  it("shows what the ledger has of one that the gateway has forgotten", async () => {
    const { stdout } = await explained({ ...explanation, scheduling: null });
    expect(stdout).toContain("The gateway does not remember it");
    expect(stdout).toContain("Ledger: answered");
  });

  it("gives scripts everything, and speaks Chinese", async () => {
    expect(JSON.parse((await explained(explanation, "-o", "json")).stdout)).toEqual(explanation);
    expect((await explained(explanation, "--lang", "zh")).stdout).toContain("在其租户中剩余工作量最少（99 ms）");
  });

  it("says of an unknown id where ids stand", async () => {
    const { exitCode, stderr } = await explained((response: ServerResponse) => {
      const { code, message, hint, details } = new FlyballError("FB_CONTROL_CALL_UNKNOWN", { id: "req_7" });
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code, message, hint, details } }));
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("nobody knows a request with the id req_7");
    expect(stderr).toContain("x-request-id");
  });
});
