import { describe, expect, it } from "vitest";
import { decideHedge, hedgeDelayMs, type HedgeInput } from "./decide-hedge.ts";
import { addTtft, createTtftQuantiles } from "./ttft-quantile.ts";

function learned(samples: number, ttftMs: (sample: number) => number) {
  const quantiles = createTtftQuantiles();
  for (let sample = 0; sample < samples; sample += 1) addTtft(quantiles, ttftMs(sample));
  return quantiles;
}

describe("the delay of a hedge", () => {
  it("is what the manifest says, or the learned 95th percentile once it is known", () => {
    const spread = (sample: number) => 10 + (sample % 100) * 10;
    expect(hedgeDelayMs(300, createTtftQuantiles())).toBe(300);
    expect(hedgeDelayMs("learned", learned(49, spread))).toBeUndefined();
    const delayMs = hedgeDelayMs("learned", learned(1_000, spread)) ?? 0;
    expect(delayMs).toBeGreaterThan(880);
    expect(delayMs).toBeLessThan(1_020);
  });
});

describe("decideHedge", () => {
  const late: HedgeInput = {
    hasContent: false,
    running: 1,
    isRepeatable: true,
    isRetry: false,
    isAnotherFree: true,
    loadThere: 0.3,
    isInTime: true,
    takeBudget: () => true,
  };

  it("starts a copy of a call that is late", () => {
    expect(decideHedge(late)).toEqual({ isHedged: true, reason: "the first token is late" });
  });

  it.each<[string, Partial<HedgeInput>]>([
    ["after content", { hasContent: true }],
    ["a third copy", { running: 2 }],
    ["after the attempt has ended", { running: 0 }],
    ["what may have effects", { isRepeatable: false }],
    ["a retry", { isRetry: true }],
    ["with one endpoint and one backend", { isAnotherFree: false }],
    ["into an overload", { loadThere: 0.9 }],
    ["too near the deadline", { isInTime: false }],
  ])("never hedges %s, and leaves the budget alone", (_name, change) => {
    const takeBudget = () => expect.fail("asked");
    expect(decideHedge({ ...late, takeBudget, ...change }).isHedged).toBe(false);
  });

  it("does not hedge without budget", () => {
    expect(decideHedge({ ...late, takeBudget: () => false }).isHedged).toBe(false);
  });
});
