import { NO_USAGE } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { costOf } from "./cost-of.ts";
import { createPriceBook, priceAt } from "./price-book.ts";
import type { PriceEntry } from "./price-entry.ts";
import { PRICE_TABLE } from "./price-table.ts";

const book = createPriceBook(PRICE_TABLE);
const NOW = Date.parse("2026-11-23T12:00Z");

function priceOf(provider: string, model: string, at = NOW): PriceEntry | undefined {
  const price = priceAt(book.find(provider, model), at);
  return typeof price === "string" ? undefined : price;
}

describe("the price table", () => {
  it("has whole rates, one entry for each model and date, and says where and when each was read", () => {
    expect(new Set(PRICE_TABLE.map(({ id }) => id)).size).toBe(PRICE_TABLE.length);
    for (const entry of PRICE_TABLE) {
      const all = [
        entry.rates,
        ...entry.longPrompt.map(({ rates }) => rates),
        ...(entry.peak ? [entry.peak.rates] : []),
      ];
      for (const rates of all)
        expect(Object.values(rates).every((rate) => Number.isSafeInteger(rate) && rate >= 0)).toBe(true);
      expect(entry.rates.cacheRead, entry.id).toBeLessThanOrEqual(entry.rates.input);
      expect(entry.validFrom, entry.id).toBeLessThanOrEqual(NOW);
      expect(entry.checkedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(entry.source).not.toBe("");
    }
  });

  it("knows the main models of each provider that has a base URL and a price list", () => {
    const names = ["openai/gpt-5-mini", "anthropic/claude-opus-4-8", "deepseek/deepseek-flash", "dashscope/qwen-plus"];
    for (const name of [
      ...names,
      "moonshot/kimi-k3",
      "zhipu/glm-5",
      "mistral/codestral-latest",
      "groq/llama-3.3-70b-versatile",
    ]) {
      const [provider = "", model = ""] = name.split("/");
      expect(priceOf(provider, model), name).toBeDefined();
    }
  });

  it("prices a cache write of Claude at 1.25 and 2 times the input, and a read at a tenth", () => {
    const usage = { ...NO_USAGE, cacheRead: 10_000, cacheWrite5m: 10_000, cacheWrite1h: 10_000 };
    const price = priceOf("anthropic", "claude-haiku-4-5-20251001") ?? "unknown";
    expect(costOf(usage, price, NOW)).toEqual({ kind: "known", currency: "usd", microUnits: 1_000 + 12_500 + 20_000 });
  });

  it("takes the price of the day on which the call was made", () => {
    const cut = Date.parse("2026-07-30");
    expect(priceOf("openai", "gpt-5.6-luna", cut - 1)?.rates.input).toBe(1_000_000);
    expect(priceOf("openai", "gpt-5.6-luna", cut)?.rates.input).toBe(200_000);
    expect(priceOf("openai", "gpt-5.6-luna", Date.parse("2026-01-01"))).toBeUndefined();
  });

  it("takes a dated name for its model, an exact name before that, and a longer name never for a shorter one", () => {
    expect(priceOf("openai", "gpt-5-mini-2025-08-07")?.model).toBe("gpt-5-mini");
    expect(priceOf("openai", "gpt-4o-2024-08-06")?.rates.input).toBe(2_500_000);
    expect(priceOf("openai", "gpt-4o-2024-05-13")?.rates.input).toBe(5_000_000);
    expect(priceOf("openai", "gpt-5-turbo-pro")).toBeUndefined();
    expect(priceOf("azure", "gpt-5-mini")).toBeUndefined();
    expect(priceOf("anthropic", "claude-sonnet-4-5-20250929")?.model).toBe("claude-sonnet-4*");
  });

  it("lets a user's own price stand before the table's, for its model alone", () => {
    const [known] = book.find("openai", "gpt-5-mini");
    if (!known) throw new Error("in the table");
    const own: PriceEntry = { ...known, id: "mine", validFrom: 0, model: "gpt-5-m*" };
    const mine = createPriceBook(PRICE_TABLE, [own]);
    expect(priceAt(mine.find("openai", "gpt-5-mini"), NOW)).toBe(own);
    expect(priceAt(mine.find("openai", "gpt-5-nano"), NOW)).toMatchObject({ model: "gpt-5-nano" });
  });

  it("lets a user's own dated prices stand from their dates on, and the table's before them", () => {
    const [known] = book.find("openai", "gpt-5-mini");
    if (!known) throw new Error("in the table");
    const soon: PriceEntry = { ...known, id: "soon", validFrom: NOW };
    const later: PriceEntry = { ...known, id: "later", validFrom: NOW + 1_000 };
    const prices = createPriceBook(PRICE_TABLE, [soon, later]).find("openai", "gpt-5-mini");
    const standing = [NOW - 1, NOW, NOW + 999, NOW + 1_000].map((at) => priceAt(prices, at));
    expect(standing).toEqual([known, soon, soon, later]);
  });
});
