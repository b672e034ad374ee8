import { frameJournalLine, NO_USAGE, packRecord, quoteRecord, type LedgerRecord } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { parseTrace } from "./parse-trace.ts";

function record(change: Partial<LedgerRecord>): LedgerRecord {
  return {
    id: "call_1",
    requestId: "req_1",
    time: 1_000,
    app: "qa",
    key: "key_1",
    tenant: "acme",
    route: "/v1",
    model: "chat",
    backend: "llm",
    provider: "",
    providerModel: "m",
    attempts: [],
    usage: { ...NO_USAGE, input: 10, cacheRead: 90, output: 20, reasoning: 30 },
    isEstimated: false,
    estimateReason: undefined,
    cost: { usd: 0, cny: 0, isUnknown: false },
    status: 200,
    outcome: "answered",
    ttftMs: 50,
    durationMs: 900,
    isResumed: false,
    isHedged: false,
    isCached: false,
    ...change,
  };
}

function settleLine(of: LedgerRecord): string {
  const packed = packRecord(of, quoteRecord(of));
  return frameJournalLine(`{"v":1,"type":"settle","at":2000,"reservedAt":1000,"limits":[],"record":${packed}}`);
}

describe("parseLedgerTrace", () => {
  it("reads the gateway's journal and JSON records alike", () => {
    const open = frameJournalLine('{"v":1,"type":"open","writer":"w","worker":0,"identity":{}}');
    const text = open + settleLine(record({})) + JSON.stringify(record({ time: 3_500, tenant: "", key: "key_2" }));
    const trace = parseTrace("gateway.journal", text);
    expect(trace.problems).toEqual([]);
    expect(trace.requests).toMatchObject([
      { arrivedAt: 0, inputTokens: 100, outputTokens: 50, client: "key_1", tenant: "acme", model: "chat" },
      { arrivedAt: 2_500, client: "key_2", tenant: "" },
    ]);
    expect(trace.requests[0]?.blocks).toEqual([]);
  });

  it("leaves out by name what was not answered, or was answered from a cache", () => {
    const records = [record({ outcome: "cut" }), record({ isCached: true }), record({ outcome: "shed" }), record({})];
    const trace = parseTrace("records.ndjson", records.map((it) => JSON.stringify(it)).join("\n"));
    expect(trace.skipped).toEqual({ "not-answered": 3 });
    expect(trace.requests).toHaveLength(1);
  });

  it("names torn lines", () => {
    const trace = parseTrace("gateway.journal", `${settleLine(record({})).slice(0, 40)}\n{"time":"x"}\n`);
    expect(trace.problems.map(({ line }) => line)).toEqual([1, 2]);
  });
});
