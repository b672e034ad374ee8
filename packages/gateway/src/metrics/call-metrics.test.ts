import { NO_USAGE, type LedgerRecord } from "@flyball/core";
import { writeExposition } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import { createCallMetrics } from "./call-metrics.ts";

const CHAT = { operation: "chat", isStream: true };

function record(more: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    id: "call-canary",
    requestId: "req-canary",
    time: 0,
    app: "rag",
    key: "key-canary",
    tenant: "tenant-canary",
    route: "models",
    model: "chat",
    backend: "chat/0",
    provider: "azure",
    providerModel: "gpt",
    attempts: [],
    usage: { ...NO_USAGE, input: 80, cacheRead: 20, output: 11 },
    isEstimated: false,
    estimateReason: undefined,
    cost: { usd: 1_500_000, cny: 0, isUnknown: false },
    status: 200,
    outcome: "answered",
    ttftMs: 200,
    durationMs: 1_200,
    isResumed: false,
    isHedged: false,
    isCached: false,
    ...more,
  };
}

function lines(...records: readonly LedgerRecord[]): string[] {
  const metrics = createCallMetrics();
  for (const each of records) metrics.add(each, CHAT);
  return writeExposition(metrics.collect())
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !line.endsWith(" 0"));
}

const GEN_AI =
  'gen_ai_operation_name="chat",gen_ai_provider_name="azure.ai.openai",gen_ai_request_model="chat",gen_ai_response_model="gpt"';

describe("createCallMetrics", () => {
  it("counts a call by outcome, tokens, money and times, under the names of the conventions", () => {
    const shown = lines(record());
    expect(shown.filter((line) => line.startsWith("flyball"))).toEqual([
      'flyball_model_requests_total{model="chat",backend="chat/0",outcome="answered"} 1',
      'flyball_model_tokens_total{model="chat",direction="input",source="reported"} 100',
      'flyball_model_tokens_total{model="chat",direction="output",source="reported"} 11',
      'flyball_model_cost_total{model="chat",currency="usd"} 1.5',
    ]);
    expect(shown.filter((line) => line.includes("_sum"))).toEqual([
      `gen_ai_client_token_usage_sum{${GEN_AI},gen_ai_token_type="input"} 100`,
      `gen_ai_client_token_usage_sum{${GEN_AI},gen_ai_token_type="output"} 11`,
      `gen_ai_client_operation_duration_seconds_sum{${GEN_AI},error_type=""} 1.2`,
      `gen_ai_server_time_to_first_token_seconds_sum{${GEN_AI}} 0.2`,
      `gen_ai_server_time_per_output_token_seconds_sum{${GEN_AI}} 0.1`,
    ]);
    expect(shown).toContain(`gen_ai_client_token_usage_bucket{${GEN_AI},gen_ai_token_type="input",le="256"} 1`);
    expect(shown.some((line) => line.includes('gen_ai_token_type="input",le="64"'))).toBe(false);
  });

  it("leaves estimates out of the usage that the conventions define, and counts them apart", () => {
    const shown = lines(record({ isEstimated: true, estimateReason: "not-reported" })).join("\n");
    expect(shown).toContain('flyball_model_tokens_total{model="chat",direction="input",source="estimated"} 100');
    expect(shown).not.toContain("gen_ai_client_token_usage");
    expect(shown).not.toContain("time_per_output_token");
  });

  it("names the class of an error, hedges, resumes and unknown prices", () => {
    const shown = lines(
      record({ outcome: "failed", status: 502, ttftMs: undefined }),
      record({ outcome: "cut", isResumed: true, isHedged: true, cost: { usd: 0, cny: 0, isUnknown: true } }),
    ).join("\n");
    expect(shown).toContain('error_type="502"');
    expect(shown).toContain('error_type="cut"');
    expect(shown).toContain('flyball_model_hedges_total{model="chat"} 1');
    expect(shown).toContain('flyball_model_resumes_total{model="chat"} 1');
    expect(shown).toContain('flyball_model_unpriced_requests_total{model="chat"} 1');
  });

  it("counts an answer of the cache as a request and as nothing else", () => {
    expect(lines(record({ isCached: true, backend: "", usage: NO_USAGE }))).toEqual([
      'flyball_model_requests_total{model="chat",backend="cache",outcome="answered"} 1',
    ]);
  });

  it("has no id of a key, a tenant or a request in any label", () => {
    expect(lines(record(), record({ backend: "", attempts: [] })).join()).not.toContain("canary");
  });
});
