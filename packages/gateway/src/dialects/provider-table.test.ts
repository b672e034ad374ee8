import { describe, expect, it } from "vitest";
import { backendPath } from "./backend-path.ts";
import { findProviderTraits } from "./find-provider-traits.ts";
import { PROVIDER_TABLE } from "./provider-table.ts";

describe("the table of providers", () => {
  it("has every provider once, under its own name", () => {
    const names = PROVIDER_TABLE.map(({ provider }) => provider);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(findProviderTraits(name).provider).toBe(name);
  });

  it("takes an unknown provider as plainly compatible", () => {
    expect(findProviderTraits("somebody")).toMatchObject({
      provider: "openai-compatible",
      dialect: "openai-chat",
      hasStreamOptions: true,
    });
  });

  it("knows how an answer is continued wherever it can be, and only there", () => {
    for (const { resume, prefillMember } of PROVIDER_TABLE) if (prefillMember) expect(resume).toBe("assistant-prefill");
    expect(findProviderTraits("openai").resume).toBeUndefined();
    expect(findProviderTraits("vllm")).toMatchObject({
      resume: "continue-final-message",
      priorityOrder: "lower-first",
    });
    for (const own of ["simulated", "extractive"]) {
      expect(findProviderTraits(own)).toMatchObject({ provider: own, resume: "continue-final-message" });
    }
    expect(findProviderTraits("sglang")).toMatchObject({
      resume: "continue-final-message",
      priorityOrder: "higher-first",
    });
  });

  it("salts the prompt cache only where a server is known to have such a field", () => {
    expect(PROVIDER_TABLE.filter(({ hasCacheSalt }) => hasCacheSalt).map(({ provider }) => provider)).toEqual(["vllm"]);
  });

  it("asks no provider for stream options that it refuses", () => {
    for (const name of ["mistral", "zhipu", "anthropic"]) expect(findProviderTraits(name).hasStreamOptions).toBe(false);
  });

  it.each(PROVIDER_TABLE.flatMap(({ provider, baseUrl }) => (baseUrl === undefined ? [] : [[provider, baseUrl]])))(
    "%s has an address without a slash at its end",
    (_name, baseUrl) => {
      expect(new URL(baseUrl ?? "").href).toBe(baseUrl);
    },
  );
});

describe("backendPath", () => {
  it.each([
    ["openai", "/v1", "/v1/chat/completions"],
    ["azure", "", "/openai/deployments/gpt%2Fx/chat/completions?api-version=2024-10-21"],
    ["azure", "/openai", "/openai/deployments/gpt%2Fx/chat/completions?api-version=2024-10-21"],
    ["azure", "/openai/v1", "/openai/v1/chat/completions"],
  ])("of %s under %s", (provider, base, expected) => {
    expect(backendPath(findProviderTraits(provider), base, "/chat/completions", "gpt/x")).toBe(expected);
  });
});
