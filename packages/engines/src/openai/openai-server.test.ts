// The other paths of the server, and how it ends.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiServer } from "./openai-server.ts";
import { hello, startServerFixture } from "./server-fixture.ts";
import type { ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;

beforeEach(async () => {
  fixture = await startServerFixture();
});

afterEach(async () => {
  await fixture.server.stop();
});

describe("the other paths", () => {
  it("says healthy only when the engine is ready", async () => {
    expect((await fetch(`${fixture.address.url}/health`)).status).toBe(200);
    fixture.engine.setReady(false);
    expect((await fetch(`${fixture.address.url}/health`)).status).toBe(503);
    expect((await fixture.post(hello)).status).toBe(503);
  });

  it("lists its model", async () => {
    expect(await (await fetch(`${fixture.address.url}/v1/models`)).json()).toEqual({
      object: "list",
      data: [{ id: "script-1", object: "model", created: 1_700_000_000, owned_by: "flyball" }],
    });
  });

  it("gives vLLM's metrics, counted per request", async () => {
    const pending = fixture.post(hello);
    await fixture.answer("Good ", "day");
    await pending;
    const text = await fixture.metricsText();
    for (const line of [
      'vllm:num_requests_running{model_name="script-1",engine="0"} 2',
      'vllm:num_requests_waiting{model_name="script-1",engine="0"} 1',
      'vllm:kv_cache_usage_perc{model_name="script-1",engine="0"} 0.25',
      'vllm:prompt_tokens_total{model_name="script-1",engine="0"} 7',
      'vllm:generation_tokens_total{model_name="script-1",engine="0"} 2',
      'vllm:request_success_total{model_name="script-1",engine="0",finished_reason="stop"} 1',
      'vllm:time_to_first_token_seconds_count{model_name="script-1",engine="0"} 1',
      'vllm:inter_token_latency_seconds_bucket{model_name="script-1",engine="0",le="0.01"} 1',
      'vllm:e2e_request_latency_seconds_bucket{model_name="script-1",engine="0",le="+Inf"} 1',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });
});

describe("ending", () => {
  it("finishes what runs, refuses what comes, then closes", async () => {
    const { response } = fixture.open({ stream: true });
    const generation = await fixture.engine.nextGeneration();
    generation.say("first");
    const incoming = await response;
    const drained = fixture.server.drain(60_000);
    await expect(fetch(`${fixture.address.url}/health`)).rejects.toThrow();
    generation.say("second");
    generation.finish();
    let text = "";
    for await (const chunk of incoming) text += String(chunk);
    expect(text).toContain("second");
    expect(text).toContain("[DONE]");
    await drained;
  });

  it("cuts off what outlives the grace", async () => {
    const { response } = fixture.open({ stream: true });
    const generation = await fixture.engine.nextGeneration();
    generation.say("first");
    (await response).on("error", () => {}).resume();
    await fixture.server.drain(1);
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
  });

  it("closes idle kept-alive connections at once", async () => {
    await fetch(`${fixture.address.url}/health`);
    await fixture.server.drain(60_000);
  });

  it("may be stopped twice", async () => {
    await fixture.server.stop();
    await fixture.server.stop();
  });

  it("rejects a start on a taken port", async () => {
    const other = createOpenAiServer({ engine: fixture.engine, model: "script-1" });
    await expect(other.start("127.0.0.1", fixture.address.port)).rejects.toThrow("EADDRINUSE");
  });
});
