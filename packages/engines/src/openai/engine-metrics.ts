// What /metrics says. The names are vLLM's, so that whatever reads a vLLM server reads these engines unchanged.

import type { EngineLoad, EngineMemory } from "./engine.ts";
import type { Usage } from "./completion-envelope.ts";
import type { FinishReason } from "./limit-generation.ts";
import { createHistogram, histogramText, metricText } from "./metric-text.ts";

/** How a request that was admitted ended, in vLLM's words. */
export type FinishedReason = FinishReason | "abort" | "error";

/** Counts what the server does. */
export interface EngineMetrics {
  firstTokenAfter(elapsedMs: number): void;
  /** Time since the token before it. */
  nextTokenAfter(elapsedMs: number): void;
  requestFinished(reason: FinishedReason, usage: Usage, elapsedMs: number): void;
  /** The text exposition, with the engine's load at this moment. */
  exposition(load: EngineLoad): string;
}

// The bounds of vLLM's own histograms.
const ttftBoundsSeconds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
];
const itlBoundsSeconds = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const latencyBoundsSeconds = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
const finishedReasons: readonly FinishedReason[] = ["stop", "length", "abort", "error"];

/** Creates the counters of one model server. */
export function createEngineMetrics(model: string): EngineMetrics {
  const labels = { model_name: model, engine: "0" };
  const ttftSeconds = createHistogram(ttftBoundsSeconds);
  const itlSeconds = createHistogram(itlBoundsSeconds);
  const latencySeconds = createHistogram(latencyBoundsSeconds);
  const finished = new Map<FinishedReason, number>(finishedReasons.map((reason) => [reason, 0]));
  let promptTokens = 0;
  let generationTokens = 0;
  const one = (value: number): { labels: typeof labels; value: number }[] => [{ labels, value }];
  return {
    firstTokenAfter: (elapsedMs) => ttftSeconds.observe(elapsedMs / 1000),
    nextTokenAfter: (elapsedMs) => itlSeconds.observe(elapsedMs / 1000),
    requestFinished(reason, usage, elapsedMs) {
      finished.set(reason, (finished.get(reason) ?? 0) + 1);
      promptTokens += usage.promptTokens;
      generationTokens += usage.completionTokens;
      if (reason === "stop" || reason === "length") latencySeconds.observe(elapsedMs / 1000);
    },
    exposition: (load) =>
      [
        metricText("vllm:num_requests_running", "gauge", "Requests being generated.", one(load.running)),
        metricText("vllm:num_requests_waiting", "gauge", "Requests waiting for a place.", one(load.waiting)),
        metricText(
          "vllm:kv_cache_usage_perc",
          "gauge",
          "Share of key-value memory in use, 1 is all.",
          one(load.kvUsage),
        ),
        ...(load.memory === undefined ? [] : memoryText(load.memory, labels)),
        metricText("vllm:prompt_tokens_total", "counter", "Prompt tokens read.", one(promptTokens)),
        metricText("vllm:generation_tokens_total", "counter", "Tokens generated.", one(generationTokens)),
        metricText(
          "vllm:request_success_total",
          "counter",
          "Requests by how they ended.",
          [...finished].map(([reason, value]) => ({ labels: { ...labels, finished_reason: reason }, value })),
        ),
        histogramText("vllm:time_to_first_token_seconds", "Time to the first token.", labels, ttftSeconds),
        histogramText("vllm:inter_token_latency_seconds", "Time between two tokens.", labels, itlSeconds),
        histogramText("vllm:e2e_request_latency_seconds", "Time of whole requests.", labels, latencySeconds),
      ].join(""),
  };
}

function memoryText(memory: EngineMemory, labels: Readonly<Record<string, string>>): readonly string[] {
  const counter = (name: string, help: string, value: number): string =>
    metricText(name, "counter", help, [{ labels, value }]);
  const cacheLabels = {
    block_size: String(memory.blockTokens),
    num_gpu_blocks: String(memory.blocks),
    enable_prefix_caching: memory.hasPrefixCache ? "True" : "False",
    engine: "0",
  };
  return [
    counter("vllm:num_preemptions_total", "Requests pushed out of the memory.", memory.preemptions),
    counter("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", memory.cacheQueries),
    counter("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", memory.cacheHits),
    metricText("vllm:cache_config_info", "gauge", "The key-value memory.", [{ labels: cacheLabels, value: 1 }]),
  ];
}
