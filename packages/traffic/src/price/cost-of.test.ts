import { NO_USAGE, type TokenRates, type TokenUsage } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, costOfCall, maximumCost, ratesFor } from "./cost-of.ts";
import type { PriceEntry } from "./price-entry.ts";

const RATES: TokenRates = {
  input: 3_000_000,
  cacheRead: 300_000,
  cacheWrite5m: 3_750_000,
  cacheWrite1h: 6_000_000,
  imageInput: 3_000_001,
  output: 15_000_000,
  reasoning: 15_000_000,
  audioInput: 40_000_000,
  audioOutput: 80_000_000,
};

const PRICE: PriceEntry = {
  id: "test/model@2026-01-01",
  provider: "test",
  model: "model",
  currency: "usd",
  validFrom: 0,
  rates: RATES,
  longPrompt: [],
};

const count = fc.nat(2_000_000_000);
const usages: fc.Arbitrary<TokenUsage> = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  audioInput: count,
  imageInput: count,
  output: count,
  reasoning: count,
  audioOutput: count,
});

/** The same sum with bigints alone. */
function oracle(usage: TokenUsage, rates: TokenRates): bigint {
  const parts = Object.keys(NO_USAGE) as (keyof TokenUsage)[];
  return parts.reduce((sum, part) => sum + BigInt(usage[part]) * BigInt(rates[part] ?? 0), 0n);
}

function ceil(sum: bigint): number {
  return Number((sum + 999_999n) / 1_000_000n);
}

describe("the cost of a usage", () => {
  it("is the sum of its disjoint parts, each at its own price", () => {
    const usage = {
      ...NO_USAGE,
      input: 1_000,
      cacheRead: 2_000,
      cacheWrite5m: 4_000,
      cacheWrite1h: 500,
      output: 100,
      reasoning: 50,
    };
    // 3,000 + 600 + 15,000 + 3,000 + 1,500 + 750 micro-dollars.
    expect(costOf(usage, PRICE, 0)).toEqual({ kind: "known", currency: "usd", microUnits: 23_850 });
  });

  it("is exact whatever the size: no double ever rounds it", () => {
    fc.assert(
      fc.property(usages, (usage) => {
        expect(costOf(usage, PRICE, 0)).toEqual({
          kind: "known",
          currency: "usd",
          microUnits: ceil(oracle(usage, RATES)),
        });
      }),
    );
  });

  it("rounds up by the smallest fraction of the largest sum that a double holds", () => {
    const price = { ...PRICE, rates: { ...RATES, input: 1, output: 9_007_199_254 } };
    const usage = { ...NO_USAGE, output: 999_999, input: 9_007_199_255 };
    const sum = 999_999n * 9_007_199_254n + 9_007_199_255n;
    expect(sum % 1_000_000n).toBe(1n);
    expect(costOf(usage, price, 0)).toMatchObject({ microUnits: Number(sum / 1_000_000n) + 1 });
  });

  it("adds up over the attempts of a call and is rounded once, so a call never costs more than its attempts one by one", () => {
    fc.assert(
      fc.property(fc.array(usages, { maxLength: 5 }), (list) => {
        const call = costOfCall(list.map((usage) => ({ usage, price: PRICE, at: 0 })));
        const sum = list.reduce((total, usage) => total + oracle(usage, RATES), 0n);
        expect(call).toEqual({ usd: ceil(sum), cny: 0, isUnknown: false });
        const single = list.reduce((total, usage) => {
          const cost = costOf(usage, PRICE, 0);
          return total + (cost.kind === "known" ? cost.microUnits : 0);
        }, 0);
        expect(call.usd).toBeLessThanOrEqual(single);
        expect(call.usd).toBeGreaterThanOrEqual(single - list.length);
      }),
    );
  });

  it("keeps currencies apart and says when a part of a call has no known price", () => {
    const usage = { ...NO_USAGE, output: 1_000_000 };
    const yuan: PriceEntry = { ...PRICE, currency: "cny" };
    expect(
      costOfCall([
        { usage, price: PRICE, at: 0 },
        { usage, price: yuan, at: 0 },
        { usage, price: "own", at: 0 },
        { usage, price: "unknown", at: 0 },
      ]),
    ).toEqual({ usd: 15_000_000, cny: 15_000_000, isUnknown: true });
  });

  it("is unknown, never zero, without a price or with audio that has none; what used nothing is known to cost nothing", () => {
    const { audioInput: _in, audioOutput: _out, ...text } = RATES;
    const spoken = { ...NO_USAGE, audioInput: 5 };
    expect(costOf({ ...NO_USAGE, output: 1 }, "unknown", 0)).toEqual({ kind: "unknown" });
    expect(costOf(spoken, { ...PRICE, rates: text }, 0)).toEqual({ kind: "unknown" });
    expect(costOf(NO_USAGE, "unknown", 0)).toMatchObject({ microUnits: 0 });
    expect(costOfCall([{ usage: NO_USAGE, price: "unknown", at: 0 }]).isUnknown).toBe(false);
  });

  it("takes the rates of a long prompt for the whole call, of peak hours by the clock, of thinking for what was said beside it", () => {
    const long = { ...RATES, input: 6_000_000 };
    const peak = { ...RATES, input: 9_000_000 };
    const price: PriceEntry = {
      ...PRICE,
      longPrompt: [{ aboveInputTokens: 200_000, rates: long }],
      peak: { minutesUtc: [[60, 240]], isWeekdaysOnly: true, rates: peak },
    };
    const friday = Date.parse("2026-11-20T01:00Z");
    expect(ratesFor(price, 200_000, 0)).toBe(RATES);
    expect(ratesFor(price, 200_001, 0)).toBe(long);
    expect(ratesFor(price, 1, friday)).toBe(peak);
    expect(ratesFor(price, 1, friday - 1)).toBe(RATES);
    expect(ratesFor(price, 1, friday + 3 * 3_600_000 - 1)).toBe(peak);
    expect(ratesFor(price, 1, friday + 3 * 3_600_000)).toBe(RATES);
    expect(ratesFor(price, 200_001, friday)).toBe(long);
    expect(ratesFor(price, 1, friday + 24 * 3_600_000)).toBe(RATES);
    const thinking = { ...PRICE, rates: { ...RATES, outputWithReasoning: 60_000_000, reasoning: 60_000_000 } };
    expect(costOf({ ...NO_USAGE, output: 1_000_000 }, thinking, 0)).toMatchObject({ microUnits: 15_000_000 });
    expect(costOf({ ...NO_USAGE, output: 1_000_000, reasoning: 1 }, thinking, 0)).toMatchObject({
      microUnits: 60_000_060,
    });
  });

  it("is never above the maximum that was reserved for its bounds", () => {
    const price: PriceEntry = {
      ...PRICE,
      longPrompt: [{ aboveInputTokens: 1_000_000, rates: { ...RATES, output: 99_000_000 } }],
      peak: { minutesUtc: [[0, 1_440]], isWeekdaysOnly: false, rates: { ...RATES, cacheRead: 7_000_000 } },
    };
    fc.assert(
      fc.property(usages, fc.nat(), (usage, at) => {
        const { output, reasoning, audioOutput, ...input } = usage;
        const inputTokens = Object.values(input).reduce((sum, part) => sum + part, 0);
        const cost = costOf(usage, price, at);
        const most = maximumCost({ inputTokens, outputTokens: output + reasoning + audioOutput }, price);
        if (cost.kind === "unknown" || most.kind === "unknown") throw new Error("both are known");
        expect(cost.microUnits).toBeLessThanOrEqual(most.microUnits);
      }),
    );
    expect(maximumCost({ inputTokens: 1, outputTokens: 1 }, "unknown")).toEqual({ kind: "unknown" });
  });
});
