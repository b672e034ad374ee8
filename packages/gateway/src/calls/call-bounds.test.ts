import { describe, expect, it } from "vitest";
import { createUsageEstimator } from "../ledger/estimate-usage.ts";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import { countsTokens, inputBound, isTextAlone, type PromptSize } from "./call-bounds.ts";

const NOTHING: PromptSize = { textBytes: 0, images: 0, soundBytes: 0, isOpenEnded: false };
const at = (provider: string, model = "m", contextTokens?: number) => ({
  traits: findProviderTraits(provider),
  model,
  contextTokens,
});

describe("the most tokens that may go in", () => {
  const bound = (size: Partial<PromptSize>, backend = at("openai")): number =>
    inputBound({ ...NOTHING, ...size }, backend, createUsageEstimator());

  it("is that of the text where there is nothing else", () => {
    expect(bound({ textBytes: 1_000 })).toBe(504);
    expect(isTextAlone({ ...NOTHING, textBytes: 1_000 })).toBe(true);
  });

  it("has what each picture may come to by the rules of its backend", () => {
    expect(bound({ images: 2 })).toBe(32_768);
    expect(bound({ images: 1 }, at("openai", "gpt-4o-mini-2024-07-18"))).toBe(48_169);
    expect(bound({ images: 1 }, at("anthropic"))).toBe(8_464);
    expect(bound({ images: 1 }, at("", "llava"))).toBe(16_384);
    expect(bound({ soundBytes: 3_200 })).toBe(100);
  });

  it("is the context where the body does not tell, and never more than a context that is known", () => {
    expect(bound({ textBytes: 100, isOpenEnded: true })).toBe(200_000);
    expect(bound({ textBytes: 100, isOpenEnded: true }, at("openai", "m", 32_000))).toBe(32_000);
    expect(bound({ images: 9 }, at("openai", "m", 32_000))).toBe(32_000);
    expect(bound({ textBytes: 1_000_000, isOpenEnded: true })).toBe(500_004);
  });
});

describe("whether limits count tokens", () => {
  const limit = (unit: "requests" | "tokens" | "usd" | "cny" | "concurrency") =>
    ({
      id: unit,
      unit,
      subject: "key:k",
      text: unit,
      limit: 1,
      counter: { kind: "rate", index: 0, generation: 1 },
    }) as const;

  it("is told by their units, and money counts only where something is paid", () => {
    expect(countsTokens([limit("requests"), limit("concurrency")], "unknown")).toBe(false);
    expect(countsTokens([limit("tokens")], "own")).toBe(true);
    expect(countsTokens([limit("usd")], "own")).toBe(false);
    expect(countsTokens([limit("requests"), limit("cny")], "unknown")).toBe(true);
  });
});
