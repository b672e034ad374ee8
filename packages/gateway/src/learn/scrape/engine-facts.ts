// What an engine says of itself, out of its page of metrics. Names and labels differ between engines and between their releases; all that are
// known stand here, so nobody has to say which engine it is.
//   vLLM: docs.vllm.ai "Production Metrics". SGLang: docs.sglang.io "Production Metrics". llama.cpp: tools/server README, "GET /metrics".
//
// Only counters that rise while a request is worked on say that an engine takes steps. Those of SGLang and llama.cpp that rise when a request has
// ended would make a long answer look like a hang, so they are left out.

/** What it says. Counts are of now, `preemptions` since the engine began. */
export interface EngineFacts {
  readonly running: number;
  readonly waiting: number;
  readonly preemptions: number;
  /** Tokens that fit in its memory; undefined: it does not say. */
  readonly kvCapacityTokens: number | undefined;
  /** Share of that memory in use, 0–1; undefined: it does not say. */
  readonly kvUsedShare: number | undefined;
  /** Tokens and steps since it began: rises with each step that did something; undefined: it does not say. */
  readonly progress: number | undefined;
}

type Fact =
  | "running"
  | "waiting"
  | "preemptions"
  | "kvCapacity"
  | "kvTokens"
  | "kvUsedShare"
  | "cacheConfig"
  | "progress";

const FACTS: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ["vllm:num_requests_running", "running"],
  ["vllm:num_requests_waiting", "waiting"],
  ["vllm:num_preemptions_total", "preemptions"],
  ["vllm:kv_cache_usage_perc", "kvUsedShare"],
  // Before 0.10.
  ["vllm:gpu_cache_usage_perc", "kvUsedShare"],
  ["vllm:cache_config_info", "cacheConfig"],
  ["vllm:prompt_tokens_total", "progress"],
  ["vllm:generation_tokens_total", "progress"],
  // A long prompt that is read in pieces counts at its end; each step counts here.
  ["vllm:iteration_tokens_total_count", "progress"],
  ["sglang:num_running_reqs", "running"],
  ["sglang:num_queue_reqs", "waiting"],
  ["sglang:num_retracted_requests_total", "preemptions"],
  ["sglang:token_usage", "kvUsedShare"],
  ["sglang:max_total_num_tokens", "kvCapacity"],
  ["sglang:realtime_tokens_total", "progress"],
  ["llamacpp:requests_processing", "running"],
  ["llamacpp:requests_deferred", "waiting"],
  // Gone in releases of 2025.
  ["llamacpp:kv_cache_usage_ratio", "kvUsedShare"],
  ["llamacpp:kv_cache_tokens", "kvTokens"],
  ["llamacpp:n_decode_total", "progress"],
]);

/** What every name begins with. */
const PREFIX = /^(?:vllm|sglang|llamacpp):/;
const SAMPLE = /^([a-z:_]+)(?:\{(.*)\})?\s+(\S+)/;
/** Ranks of one tensor-parallel or pipeline-parallel engine tell the same thing again; engines of a data-parallel one do not. */
const OTHER_RANK = /\b(?:tp|pp)_rank="(?!0")/;
/** Below this share the tokens in memory say little of how many fit. */
const LEAST_SHARE = 0.05;

/** The facts; undefined when the page is no engine's. O(its length). */
export function readEngineFacts(page: string): EngineFacts | undefined {
  const sums = new Map<Fact, number>();
  let shares = 0;
  for (const line of page.split("\n")) {
    if (!PREFIX.test(line)) continue;
    const [, name = "", labels = "", text = ""] = SAMPLE.exec(line) ?? [];
    const fact = FACTS.get(name);
    if (fact === undefined || OTHER_RANK.test(labels)) continue;
    const value = fact === "cacheConfig" ? configuredTokens(labels) : Number(text);
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) continue;
    sums.set(fact, (sums.get(fact) ?? 0) + value);
    if (fact === "kvUsedShare") shares += 1;
  }
  const running = sums.get("running");
  if (running === undefined) return undefined;
  const used = sums.get("kvUsedShare");
  const kvUsedShare = used === undefined ? undefined : Math.min(1, used / shares);
  return {
    running,
    waiting: sums.get("waiting") ?? 0,
    preemptions: sums.get("preemptions") ?? 0,
    kvCapacityTokens: capacityOf(sums, kvUsedShare),
    kvUsedShare,
    progress: sums.get("progress"),
  };
}

/** vLLM tells its blocks in labels. */
function configuredTokens(labels: string): number {
  const blockTokens = Number(/\bblock_size="(\d+)"/.exec(labels)?.[1]);
  const blocks = Number(/\bnum_gpu_blocks="(\d+)"/.exec(labels)?.[1]);
  return blockTokens * blocks;
}

function capacityOf(sums: ReadonlyMap<Fact, number>, kvUsedShare: number | undefined): number | undefined {
  const told = (sums.get("kvCapacity") ?? 0) + (sums.get("cacheConfig") ?? 0);
  if (told > 0) return told;
  const tokens = sums.get("kvTokens");
  if (tokens === undefined || kvUsedShare === undefined || kvUsedShare < LEAST_SHARE) return undefined;
  return Math.round(tokens / kvUsedShare);
}
