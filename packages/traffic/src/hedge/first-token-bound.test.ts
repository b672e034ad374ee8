import { describe, expect, it } from "vitest";
import { firstTokenBoundMs } from "./first-token-bound.ts";
import { addTtft, createTtftQuantiles } from "./ttft-quantile.ts";

function learned(samples: number, ttftMs: (sample: number) => number) {
  const quantiles = createTtftQuantiles();
  for (let sample = 0; sample < samples; sample += 1) addTtft(quantiles, ttftMs(sample));
  return quantiles;
}

describe("the bound for the first token", () => {
  it("is the floor while little is known, then three times the 99th percentile, never beyond the ceiling", () => {
    expect(
      firstTokenBoundMs(
        learned(99, () => 9_000),
        5_000,
        60_000,
      ),
    ).toBe(5_000);
    expect(
      firstTokenBoundMs(
        learned(500, () => 100),
        5_000,
        60_000,
      ),
    ).toBe(5_000);
    const bound = firstTokenBoundMs(
      learned(500, () => 4_000),
      5_000,
      60_000,
    );
    expect(bound / 12_000).toBeGreaterThan(0.95);
    expect(bound / 12_000).toBeLessThan(1.05);
    expect(
      firstTokenBoundMs(
        learned(500, () => 40_000),
        5_000,
        60_000,
      ),
    ).toBe(60_000);
  });
});
