import { readFileSync, writeFileSync } from "node:fs";
import { NO_USAGE, type LedgerAttempt, type LedgerRecord } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { callSpans } from "./call-spans.ts";
import { encodeOtlp } from "./encode-otlp.ts";
import type { AskedCall, FinishedCall } from "./finished-call.ts";

const GOLDEN = new URL("testdata/spans.json", import.meta.url);

const attempt = (more: Partial<LedgerAttempt>): LedgerAttempt => ({
  backend: "chat/llm",
  provider: "",
  model: "qwen",
  outcome: "succeeded",
  usage: NO_USAGE,
  isEstimated: false,
  priceId: undefined,
  startedAt: 1_700_000_000_010,
  durationMs: 90,
  ...more,
});

const RECORD: LedgerRecord = {
  id: "call-1",
  requestId: "req_1",
  time: 1_700_000_000_000,
  app: "rag",
  key: "key-7",
  tenant: "acme",
  route: "models",
  model: "chat",
  backend: "chat/azure",
  provider: "azure",
  providerModel: "gpt-5",
  attempts: [
    attempt({ outcome: "timeout" }),
    attempt({
      backend: "chat/azure",
      provider: "azure",
      model: "gpt-5",
      startedAt: 1_700_000_000_110,
      durationMs: 900,
    }),
  ],
  usage: { ...NO_USAGE, input: 80, cacheRead: 20, cacheWrite5m: 4, output: 30, reasoning: 12 },
  isEstimated: false,
  estimateReason: undefined,
  cost: { usd: 1_234, cny: 0, isUnknown: false },
  status: 200,
  outcome: "answered",
  ttftMs: 250.5,
  durationMs: 1_010,
  isResumed: false,
  isHedged: true,
  isCached: false,
};

const ASKED: AskedCall = {
  operation: "chat",
  isStream: true,
  maxTokens: 100,
  temperature: 0.5,
  topP: 1,
  seed: "9007199254740993",
  choices: 1,
};

const CALL: FinishedCall = {
  record: RECORD,
  asked: ASKED,
  trace: {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    parentSpanId: "b7ad6b7169203331",
    isSampled: true,
    answer: { id: "chatcmpl-1", finishReasons: ["stop"] },
    attempts: [
      { spanId: "1111111111111111", authority: "[::1]:4001" },
      { spanId: "2222222222222222", authority: "rag.openai.azure.example" },
    ],
  },
};

describe("callSpans", () => {
  it("makes the spans that stand in the golden file, in OTLP's own form", () => {
    const body: unknown = JSON.parse(encodeOtlp(callSpans(CALL), { "service.name": "flyball-gateway" }));
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(GOLDEN, `${JSON.stringify(body, undefined, 2)}\n`);
    expect(body).toEqual(JSON.parse(readFileSync(GOLDEN, "utf8")));
  });

  const attributes = (more: Partial<LedgerRecord>, asked: Partial<AskedCall> = {}): Record<string, unknown> => {
    const [span] = callSpans({ ...CALL, record: { ...RECORD, ...more }, asked: { ...ASKED, ...asked } });
    return {
      isError: span?.isError,
      ...Object.fromEntries((span?.attributes ?? []).map(([name, { value }]) => [name, value])),
    };
  };

  it("marks estimates, errors and answers of the cache", () => {
    expect(attributes({ isEstimated: true })["flyball.usage.is_estimated"]).toBe(true);
    expect(attributes({ outcome: "failed", status: 503 })).toMatchObject({ isError: true, "error.type": "503" });
    expect(attributes({ outcome: "cancelled", status: 0 })).toMatchObject({
      isError: false,
      "error.type": "cancelled",
    });
    const cached = attributes({
      isCached: true,
      attempts: [],
      backend: "",
      provider: "",
      providerModel: "",
      usage: NO_USAGE,
    });
    expect(cached).toMatchObject({ "flyball.is_cached": true, "gen_ai.provider.name": "flyball" });
    expect(cached).not.toHaveProperty(["gen_ai.usage.input_tokens"]);
    expect(cached).not.toHaveProperty(["gen_ai.response.model"]);
  });

  it("tells a first chunk of streams only, and a count of choices that is not one", () => {
    expect(attributes({}, { isStream: false })).not.toHaveProperty(["gen_ai.response.time_to_first_chunk"]);
    expect(attributes({}, { choices: 3 })["gen_ai.request.choice.count"]).toBe("3");
  });
});
