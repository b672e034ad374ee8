import { expect, it } from "vitest";
import { findProviderTraits } from "./find-provider-traits.ts";
import { resumeForm } from "./resume-form.ts";

it.each([
  ["vllm", "qwen3", "/v1", "continue-final-message"],
  ["sglang", "claude-opus-4-6", "/v1", "continue-final-message"],
  ["anthropic", "claude-opus-4-5", "/v1", "assistant-prefill"],
  ["anthropic", "claude-opus-4-6", "/v1", undefined],
  ["anthropic", "claude-sonnet-5", "/v1", undefined],
  ["deepseek", "deepseek-chat", "/beta", "assistant-prefill"],
  ["deepseek", "deepseek-chat", "/v1", undefined],
  ["deepseek", "deepseek-chat", "", undefined],
  ["mistral", "mistral-large", "/v1", "assistant-prefill"],
  ["openai", "gpt-5", "/v1", undefined],
])("%s continues a text of %s under %s by %s", (provider, model, basePath, form) => {
  expect(resumeForm({ traits: findProviderTraits(provider), model, basePath })).toBe(form);
});
