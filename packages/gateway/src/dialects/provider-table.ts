// The providers that are known, as data. Sources: each provider's API reference as of 2026; a comment stands where it says something
// unusual. A provider that is not in the table is `openai-compatible`: what every compatible server takes.
import type { ProviderTraits } from "./provider-traits.ts";

/**
 * Qwen-VL allows the most of the models that are widely served: 16,384 for one image (`vl_high_resolution_images`; the default of its
 * engines). OpenAI's patches come to 10,000 times 1.62 at most.
 */
const MOST_IMAGE_TOKENS = { models: "", tokens: 16_384 };

/** What every compatible server takes. */
export const COMPATIBLE: ProviderTraits = {
  provider: "openai-compatible",
  dialect: "openai-chat",
  baseUrl: undefined,
  keyHeader: "bearer",
  pathForm: "openai",
  apiVersion: undefined,
  headers: [],
  hasStreamOptions: true,
  maxTokensField: "max_tokens",
  hasTools: true,
  hasParallelTools: false,
  hasImages: true,
  imageTokens: [MOST_IMAGE_TOKENS],
  hasJsonSchema: true,
  hasResponses: false,
  hasEmbeddings: true,
  countTokens: undefined,
  hasUser: true,
  hasTopK: false,
  reasoningField: undefined,
  reasoningRequest: undefined,
  resume: undefined,
  resumeBasePath: undefined,
  prefillMember: undefined,
  priorityOrder: undefined,
  hasCacheSalt: false,
};

const OPENAI: ProviderTraits = {
  ...COMPATIBLE,
  provider: "openai",
  baseUrl: "https://api.openai.com/v1",
  maxTokensField: "max_completion_tokens",
  hasParallelTools: true,
  // 2,833 and 5,667 for each of at most eight tiles.
  imageTokens: [{ models: "gpt-4o-mini", tokens: 48_169 }, MOST_IMAGE_TOKENS],
  hasResponses: true,
  reasoningRequest: "reasoning-effort",
};

/** All rows. */
export const PROVIDER_TABLE: readonly ProviderTraits[] = [
  COMPATIBLE,
  OPENAI,
  {
    ...OPENAI,
    provider: "azure",
    baseUrl: undefined,
    keyHeader: "api-key",
    pathForm: "azure-deployment",
    apiVersion: "2024-10-21",
  },
  {
    ...COMPATIBLE,
    provider: "vllm",
    countTokens: "tokenize",
    hasParallelTools: true,
    hasResponses: true,
    hasTopK: true,
    // `reasoning_content` until 0.11; readers take both.
    reasoningField: "reasoning",
    reasoningRequest: "reasoning-effort",
    // With `add_generation_prompt: false`.
    resume: "continue-final-message",
    // An error unless the server runs with --scheduling-policy priority.
    priorityOrder: "lower-first",
    // From 0.9 on; older servers pass over it.
    hasCacheSalt: true,
  },
  {
    ...COMPATIBLE,
    provider: "sglang",
    hasParallelTools: true,
    hasTopK: true,
    reasoningField: "reasoning_content",
    reasoningRequest: "reasoning-effort",
    resume: "continue-final-message",
    // With --enable-priority-scheduling; --schedule-low-priority-values-first turns it round.
    priorityOrder: "higher-first",
  },
  // The engines of `serve: { engine: … }`. The simulated one has vLLM's scheduling, with --scheduling-policy priority.
  { ...COMPATIBLE, provider: "simulated", resume: "continue-final-message", priorityOrder: "lower-first" },
  { ...COMPATIBLE, provider: "extractive", resume: "continue-final-message" },
  {
    ...COMPATIBLE,
    provider: "llama-cpp",
    // Its `/tokenize` takes plain text alone; builds since the end of 2025 have Anthropic's path too.
    countTokens: "count_tokens",
    hasParallelTools: true,
    hasTopK: true,
    reasoningField: "reasoning_content",
    // The server continues a last assistant message by itself; not while thinking is on.
    resume: "assistant-prefill",
  },
  {
    ...COMPATIBLE,
    provider: "ollama",
    baseUrl: "http://127.0.0.1:11434/v1",
    hasResponses: true,
    reasoningField: "reasoning",
    reasoningRequest: "reasoning-effort",
  },
  {
    ...COMPATIBLE,
    provider: "deepseek",
    baseUrl: "https://api.deepseek.com/v1",
    hasImages: false,
    // Only json_object.
    hasJsonSchema: false,
    hasEmbeddings: false,
    reasoningField: "reasoning_content",
    reasoningRequest: "thinking-type",
    // "Chat Prefix Completion (Beta)": `prefix: true` on the last message; only under https://api.deepseek.com/beta.
    resume: "assistant-prefill",
    resumeBasePath: "/beta",
    prefillMember: "prefix",
  },
  {
    ...COMPATIBLE,
    provider: "dashscope",
    baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    hasParallelTools: true,
    hasTopK: true,
    reasoningField: "reasoning_content",
    reasoningRequest: "enable-thinking",
    // "Partial Mode" (help.aliyun.com/zh/model-studio/partial-mode): `partial: true`, models without thinking.
    resume: "assistant-prefill",
    prefillMember: "partial",
  },
  {
    ...COMPATIBLE,
    provider: "moonshot",
    baseUrl: "https://api.moonshot.cn/v1",
    hasEmbeddings: false,
    reasoningField: "reasoning_content",
    reasoningRequest: "thinking-type",
    // "Partial Mode" of the Kimi API: `partial: true`.
    resume: "assistant-prefill",
    prefillMember: "partial",
  },
  {
    ...COMPATIBLE,
    provider: "zhipu",
    baseUrl: "https://open.bigmodel.cn/api/paas/v4",
    // Usage stands in the last chunk without being asked for; only json_object.
    hasStreamOptions: false,
    hasJsonSchema: false,
    reasoningField: "reasoning_content",
    reasoningRequest: "thinking-type",
  },
  {
    ...COMPATIBLE,
    provider: "siliconflow",
    baseUrl: "https://api.siliconflow.cn/v1",
    // Usage stands in every chunk.
    hasTopK: true,
    hasJsonSchema: false,
    reasoningField: "reasoning_content",
    reasoningRequest: "enable-thinking",
  },
  {
    ...COMPATIBLE,
    provider: "mistral",
    baseUrl: "https://api.mistral.ai/v1",
    // Fields that it does not know are a 422, stream_options among them; usage stands in the last chunk.
    hasStreamOptions: false,
    hasUser: false,
    hasParallelTools: true,
    // `prefix: true` on the last message.
    resume: "assistant-prefill",
    prefillMember: "prefix",
  },
  {
    ...COMPATIBLE,
    provider: "groq",
    baseUrl: "https://api.groq.com/openai/v1",
    maxTokensField: "max_completion_tokens",
    hasParallelTools: true,
    hasResponses: true,
    hasEmbeddings: false,
    reasoningField: "reasoning",
    reasoningRequest: "reasoning-effort",
  },
  {
    ...COMPATIBLE,
    provider: "openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    hasParallelTools: true,
    hasResponses: true,
    hasTopK: true,
    reasoningField: "reasoning",
    reasoningRequest: "reasoning-effort",
  },
  {
    ...COMPATIBLE,
    provider: "anthropic",
    countTokens: "count_tokens",
    dialect: "anthropic-messages",
    baseUrl: "https://api.anthropic.com/v1",
    keyHeader: "x-api-key",
    headers: ["anthropic-version", "2023-06-01"],
    hasStreamOptions: false,
    hasParallelTools: true,
    // A token for 28 × 28 pixels of at most 2,576 × 2,576.
    imageTokens: [{ models: "", tokens: 8_464 }],
    hasEmbeddings: false,
    hasTopK: true,
    // Models before 4.6 only ("Prefill not supported", platform.claude.com/docs/en/api/errors); see claude-powers.ts.
    resume: "assistant-prefill",
  },
];
