import { expect, it } from "vitest";
import { readEngineFacts } from "./engine-facts.ts";

it("reads vLLM, all its engines together", () => {
  const page = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-14B"} 12.0
vllm:num_requests_running{engine="1",model_name="Qwen/Qwen3-14B"} 8.0
vllm:num_requests_waiting{engine="0",model_name="Qwen/Qwen3-14B"} 3.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 3.0
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.75
vllm:num_preemptions_total{engine="0"} 7.0
vllm:num_preemptions_created{engine="0"} 1.7e+09
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="0",num_gpu_blocks="1000",num_gpu_blocks_override="None"} 1.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",engine="1",num_gpu_blocks="1000"} 1.0
vllm:prompt_tokens_total{engine="0"} 1000.0
vllm:prompt_tokens_created{engine="0"} 1.7e+09
vllm:generation_tokens_total{engine="0"} 200.0
vllm:generation_tokens_total{engine="1"} 50.0
vllm:iteration_tokens_total_bucket{engine="0",le="1.0"} 4.0
vllm:iteration_tokens_total_sum{engine="0"} 1200.0
vllm:iteration_tokens_total_count{engine="0"} 30.0
`;
  expect(readEngineFacts(page)).toEqual({
    running: 20,
    waiting: 3,
    preemptions: 7,
    kvCapacityTokens: 32_000,
    kvUsedShare: 0.5,
    progress: 1_280,
  });
});

it("reads older releases of vLLM, and one that does not know its blocks yet", () => {
  const page = `vllm:num_requests_running{model_name="m"} 1.0
vllm:gpu_cache_usage_perc{model_name="m"} 0.5
vllm:cache_config_info{block_size="16",num_gpu_blocks="None"} 1.0`;
  expect(readEngineFacts(page)).toMatchObject({
    running: 1,
    waiting: 0,
    kvUsedShare: 0.5,
    kvCapacityTokens: undefined,
  });
});

it("reads SGLang, and counts the ranks of one engine once", () => {
  const page = `sglang:num_running_reqs{model_name="m",tp_rank="0",pp_rank="0"} 40.0
sglang:num_running_reqs{model_name="m",tp_rank="1",pp_rank="0"} 40.0
sglang:num_queue_reqs{model_name="m",tp_rank="0",pp_rank="0"} 2.0
sglang:token_usage{model_name="m",tp_rank="0"} 0.9
sglang:max_total_num_tokens{model_name="m",tp_rank="0"} 412345.0
sglang:num_retracted_requests_total{model_name="m",tp_rank="0"} 5.0
sglang:prompt_tokens_total{model_name="m"} 7000.0
sglang:realtime_tokens_total{mode="prefill_compute",model_name="m",tp_rank="0"} 900.0
sglang:realtime_tokens_total{mode="prefill_compute",model_name="m",tp_rank="1"} 900.0
sglang:realtime_tokens_total{mode="decode",model_name="m",tp_rank="0"} 100.0`;
  expect(readEngineFacts(page)).toEqual({
    running: 40,
    waiting: 2,
    preemptions: 5,
    kvCapacityTokens: 412_345,
    kvUsedShare: 0.9,
    progress: 1_000,
  });
});

it("reads llama.cpp; its memory follows from what is in it", () => {
  const page = `llamacpp:requests_processing 4
llamacpp:requests_deferred 9
llamacpp:kv_cache_usage_ratio 0.25
llamacpp:kv_cache_tokens 8192
llamacpp:tokens_predicted_total 394
llamacpp:n_decode_total 125`;
  expect(readEngineFacts(page)).toEqual({
    running: 4,
    waiting: 9,
    preemptions: 0,
    kvCapacityTokens: 32_768,
    kvUsedShare: 0.25,
    progress: 125,
  });
  expect(readEngineFacts("llamacpp:requests_processing 0")?.kvCapacityTokens).toBeUndefined();
});

it("knows no page that is no engine's, and passes over what is no number", () => {
  expect(readEngineFacts("")).toBeUndefined();
  expect(readEngineFacts("<html>not found</html>")).toBeUndefined();
  expect(readEngineFacts("process_cpu_seconds_total 12")).toBeUndefined();
  expect(readEngineFacts("vllm:num_requests_running NaN")).toBeUndefined();
  expect(readEngineFacts("vllm:num_requests_running 1\nvllm:num_requests_waiting +Inf")?.waiting).toBe(0);
});

it("says nothing of steps where only ended requests are counted", () => {
  const page = `sglang:num_running_reqs 3
sglang:prompt_tokens_total 7000
sglang:generation_tokens_total 900`;
  expect(readEngineFacts(page)?.progress).toBeUndefined();
});
