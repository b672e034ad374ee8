// Traits by provider.
import type { ProviderTraits } from "./provider-traits.ts";

/** The traits; an unknown provider is plainly OpenAI-compatible. */
export function findProviderTraits(provider: string): ProviderTraits {
  const isAnthropic = provider === "anthropic";
  return {
    provider,
    dialect: isAnthropic ? "anthropic-messages" : "openai-chat",
    baseUrl: undefined,
    keyHeader: isAnthropic ? "x-api-key" : "bearer",
    pathForm: "openai",
    headers: isAnthropic ? ["anthropic-version", "2023-06-01"] : [],
    hasStreamOptions: !isAnthropic,
    maxTokensField: "max_tokens",
    hasTools: true,
    hasParallelTools: true,
    hasImages: true,
    hasJsonSchema: true,
    hasResponses: false,
    hasEmbeddings: true,
    hasTopK: true,
    reasoningField: "reasoning_content",
    reasoningRequest: undefined,
    resume: "continue-final-message",
    prefillMember: undefined,
    priorityOrder: undefined,
  };
}
