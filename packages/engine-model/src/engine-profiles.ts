// The engines that come with Flyball. Every number has its source beside it:
//   [V]  measurements published with Vidur (microsoft/vidur 7d47513): time of all linear layers by tokens in a step, the base at
//        few of them, the slope at many; within 2 % of the least-squares fit of T = √(base² + (slope·tokens)²).
//   [B]  BLIS trained-physics (inference-sim f90a1e3, defaults.yaml): decode step time fitted to 36 runs on hardware, median error
//        7 to 9 %; its inter-token latencies at batch 1, 64 sequences of 200 and of 1500 tokens are the goldens of the test.
//   [W]  measured by the WVA guide: Llama-3.1-8B, 7.0 ms at batch 1 and 8.7 ms at batch 64 (128 tokens in, 128 out).
//   [K]  key-value memory: (0.9 × memory − weights − 2 GB) ÷ bytes a token, in 16 bits, rounded down to what leaves room for peaks.
//   [F]  attention of prompts: 4 × layers × heads × head size FLOP for a pair of tokens, at the rate of FlashAttention on that
//        accelerator: half the peak on Ampere and Ada (FlashAttention-2 reaches 50 to 73 %), 500 TFLOP/s on H100 (FlashAttention-3).
//   [L]  llama.cpp on an RTX 4090, Llama-3-8B in 4 bits: pull requests 7860 (prompts in chunks of 16 to 2048) and 17505 (102.8 tokens/s
//        alone after 32,768 tokens).
//   [E]  the engine's own defaults: vLLM takes 2048 tokens a step (8192 on an H100), 16 tokens a block; Ollama 512 a step.

import type { EngineProfile } from "./engine-profile.ts";

/** Names of the profiles that come with Flyball. */
export type EngineProfileName = "8b-a100" | "8b-h100" | "14b-h100" | "70b-h100-tp4" | "8b-l40s" | "serial-4";

const vllm = {
  perSequenceMs: 0.004_42, // [B] 4.42 µs a sequence
  requestOverheadMs: 15.6, // [B] alpha
  blockTokens: 16, // [E]
  hasPrefixCache: true, // [E]
  jitter: 0,
} as const;

/** Engines by name; each can be taken as it is or as the start of one's own. */
export const ENGINE_PROFILES: Readonly<Record<EngineProfileName, EngineProfile>> = Object.freeze({
  /** Llama-3-8B on one A100 with 80 GB. */
  "8b-a100": Object.freeze({
    ...vllm,
    name: "8b-a100",
    stepBaseMs: 10.2, // [V]
    perTokenMs: 0.0686, // [V] 14.6 k tokens/s
    perContextTokenMs: 0.000_125, // [B]
    attentionMs: 3.4e-6, // [F] 0.52 MFLOP at 156 TFLOP/s
    stepOverheadMs: 0.3, // [B] 10.5 ms at batch 1, less the base
    maxConcurrency: 128,
    maxTokensPerStep: 2048, // [E]
    kvCapacityTokens: 400_000, // [K] 128 KiB a token
  }),
  /** Llama-3.1-8B on one H100 with 80 GB. */
  "8b-h100": Object.freeze({
    ...vllm,
    name: "8b-h100",
    stepBaseMs: 6.55, // [B] 6.85 ms at batch 1, less the overhead; [V] 5.7 ms for 6.7 of its 8.0 billion weights
    perTokenMs: 0.0249, // [V] Llama-2-7B 0.0209, by weights
    perContextTokenMs: 0.000_076, // [B]
    attentionMs: 1.05e-6, // [F] 0.52 MFLOP at 500 TFLOP/s
    stepOverheadMs: 0.3, // as on the A100
    maxConcurrency: 256,
    maxTokensPerStep: 8192, // [E]
    kvCapacityTokens: 400_000, // [K]
  }),
  /** Qwen3-14B on one H100 with 80 GB. */
  "14b-h100": Object.freeze({
    ...vllm,
    name: "14b-h100",
    stepBaseMs: 11.9, // [B] 12.2 ms at batch 1, less the overhead; [V] 11.3 from InternLM-20B, by weights
    perTokenMs: 0.0451, // [V] InternLM-20B 0.061, by weights; agrees with 20.5 k tokens/s of Qwen3-32B on two H100
    perContextTokenMs: 0.000_095, // [B]
    attentionMs: 1.64e-6, // [F] 0.82 MFLOP at 500 TFLOP/s
    stepOverheadMs: 0.3, // as for 8B
    maxConcurrency: 256,
    maxTokensPerStep: 8192, // [E]
    kvCapacityTokens: 279_000, // [K] 160 KiB a token
  }),
  /** Llama-3-70B on four H100 with 80 GB, tensor-parallel. */
  "70b-h100-tp4": Object.freeze({
    ...vllm,
    name: "70b-h100-tp4",
    stepBaseMs: 15.0, // [V] Llama-2-70B
    perTokenMs: 0.0575, // [V] 17.4 k tokens/s
    perContextTokenMs: 0.000_048, // [B]
    attentionMs: 1.31e-6, // [F] 2.6 MFLOP at 4 × 500 TFLOP/s
    stepOverheadMs: 1.6, // [B] 16.6 ms at batch 1, less the base: 160 all-reduces and the CPU
    maxConcurrency: 256,
    maxTokensPerStep: 8192, // [E]
    kvCapacityTokens: 489_000, // [K] 320 KiB a token
  }),
  /** Llama-3.1-8B on one L40S with 48 GB. */
  "8b-l40s": Object.freeze({
    ...vllm,
    name: "8b-l40s",
    stepBaseMs: 22.9, // [B] 23.2 ms at batch 1, less the overhead
    perTokenMs: 0.064, // [V] Llama-2-7B on an A40 0.130, by weights and by peak (150 to 362 TFLOP/s)
    perContextTokenMs: 0.000_295, // [B]
    attentionMs: 2.9e-6, // [F] 0.52 MFLOP at 180 TFLOP/s
    stepOverheadMs: 0.3, // as on the A100
    maxConcurrency: 128,
    maxTokensPerStep: 2048, // [E]
    kvCapacityTokens: 216_000, // [K]
  }),
  /** Llama-3-8B in 4 bits in four slots of llama.cpp (as Ollama runs it) on one RTX 4090; it keeps no prompts between requests. */
  "serial-4": Object.freeze({
    name: "serial-4",
    stepBaseMs: 5.5, // [L] 4.9 GB of weights at 88 % of 1008 GB/s
    perTokenMs: 0.107, // [L] 9,279 tokens/s in chunks of 512
    perContextTokenMs: 0.000_13, // 128 KiB at 1008 GB/s
    attentionMs: 6.4e-6, // [F] 0.52 MFLOP at 82 TFLOP/s
    perSequenceMs: 0.15, // [L] 8.2 ms for 16 tokens, less the rest
    stepOverheadMs: 0.3, // assumed, as on the A100
    requestOverheadMs: 2, // assumed: nobody has published it
    maxConcurrency: 4,
    maxTokensPerStep: 512, // [E] num_batch
    kvCapacityTokens: 32_768, // four slots of 8192
    blockTokens: 16,
    hasPrefixCache: false,
    jitter: 0,
  }),
});

/** The profile where nobody names one: an 8B model on one A100. */
export const defaultEngineProfile: EngineProfile = ENGINE_PROFILES["8b-a100"];
