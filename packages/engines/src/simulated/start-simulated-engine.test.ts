// The simulated engine over HTTP: what it refuses and what a scraper of vLLM's metrics finds.

import { ENGINE_PROFILES } from "@flyball/engine-model";
import { afterEach, describe, expect, it } from "vitest";
import type { RunningEngine } from "../running-engine.ts";
import { startSimulatedEngine } from "./start-simulated-engine.ts";

let engine: RunningEngine | undefined;

afterEach(async () => {
  await engine?.stop();
});

function ask(url: string, fields: object): Promise<Response> {
  const content = "steady ".repeat(40);
  const body = { model: "simulated", messages: [{ role: "user", content }], ...fields };
  return fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(body) });
}

describe("startSimulatedEngine", () => {
  it("takes a priority only when it was started for that", async () => {
    engine = await startSimulatedEngine({ speed: 100 });
    const refused = await ask(engine.url, { priority: 1 });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: "priority", code: "unsupported_value" } });
    await engine.stop();
    engine = await startSimulatedEngine({ speed: 100, schedulingPolicy: "priority" });
    expect((await ask(engine.url, { priority: 1 })).status).toBe(200);
  });

  it("gives as many tokens as a load test wants", async () => {
    engine = await startSimulatedEngine({ speed: 100 });
    const answer = await (await ask(engine.url, { simulated_output_tokens: 9 })).json();
    expect(answer).toMatchObject({ usage: { prompt_tokens: 41, completion_tokens: 9 } });
  });

  it("has vLLM's metrics of memory, prefix cache and time between tokens", async () => {
    engine = await startSimulatedEngine({ profile: ENGINE_PROFILES["14b-h100"], speed: 100 });
    for (const _turn of [1, 2]) await (await ask(engine.url, { simulated_output_tokens: 9 })).text();
    const lines = (await (await fetch(`${engine.url}/metrics`)).text()).split("\n");
    const labels = '{model_name="simulated",engine="0"}';
    for (const line of [
      `vllm:num_requests_running${labels} 0`,
      `vllm:num_requests_waiting${labels} 0`,
      `vllm:kv_cache_usage_perc${labels} 0`,
      `vllm:num_preemptions_total${labels} 0`,
      `vllm:prefix_cache_queries_total${labels} 82`,
      // Two of the second prompt's blocks of 16.
      `vllm:prefix_cache_hits_total${labels} 32`,
      `vllm:inter_token_latency_seconds_count${labels} 16`,
      'vllm:cache_config_info{block_size="16",num_gpu_blocks="17437",enable_prefix_caching="True",engine="0"} 1',
    ]) {
      expect(lines).toContain(line);
    }
  });
});
