import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createUsageEstimator } from "./estimate-usage.ts";
import { used } from "./testdata/ledger-rig.ts";

/** Calls whose tokens per byte lie around a middle, as those of one kind of text do: the sum of three dice of 30 % each. */
function* calls(middle: number, random: () => number): Generator<{ bytes: number; tokens: number }> {
  for (;;) {
    const spread = 1 + 0.2 * (random() + random() + random() - 1.5);
    const bytes = 100 + Math.floor(random() ** 3 * 20_000);
    yield { bytes, tokens: Math.round(bytes * middle * spread) };
  }
}

describe("the estimate of a usage that was not reported", () => {
  it("lies above the truth in all but one in 128 calls of a kind, and no more than three quarters above on average", () => {
    for (const middle of [0.2, 0.27, 0.4]) {
      const random = seededRandom(1);
      const estimator = createUsageEstimator();
      let below = 0;
      let estimated = 0;
      let true_ = 0;
      let number = 0;
      for (const { bytes, tokens } of calls(middle, random)) {
        number += 1;
        if (number > 10_000) break;
        if (number > 256) {
          const estimate = estimator.outputTokens("m", bytes);
          if (estimate < tokens) below += 1;
          estimated += estimate;
          true_ += tokens;
        }
        estimator.learn("m", { input: 0, output: bytes }, used(0, tokens));
      }
      expect(below / 9_744).toBeLessThan(1 / 128);
      expect(estimated / true_).toBeGreaterThan(1);
      expect(estimated / true_).toBeLessThan(1.75);
    }
  });

  it("begins above every usual text, and is nothing for nothing", () => {
    const estimator = createUsageEstimator();
    expect(estimator.outputTokens("new", 1_000)).toBe(504);
    expect(estimator.estimate("new", { input: 0, output: 0 })).toEqual(used(0, 0));
  });

  it("goes up at once when a model turns out to need more, and never beyond a token a byte and a little", () => {
    const estimator = createUsageEstimator();
    estimator.learn("m", { input: 0, output: 100 }, used(0, 90));
    expect(estimator.outputTokens("m", 1_000)).toBeGreaterThan(900);
    estimator.learn("m", { input: 0, output: 100 }, used(0, 5_000));
    expect(estimator.outputTokens("m", 1_000)).toBe(1_004);
  });

  it("comes down to what the last calls showed, and learns nothing of images, sounds and short texts", () => {
    const estimator = createUsageEstimator();
    estimator.learn("m", { input: 10, output: 10 }, used(10, 10));
    estimator.learn("m", { input: 1_000, output: 1_000 }, { ...used(900, 900), imageInput: 5_000, audioOutput: 5_000 });
    for (let number = 0; number < 256; number += 1)
      estimator.learn("m", { input: 1_000, output: 1_000 }, used(200, 200));
    expect(estimator.estimate("m", { input: 1_000, output: 1_000 })).toEqual(used(225, 225));
  });

  it("does not take hidden reasoning for a property of the text, and takes reasoning that was shown", () => {
    const estimator = createUsageEstimator();
    const learnt = (model: string): number => estimator.outputTokens(model, 1_000);
    for (let number = 0; number < 256; number += 1) {
      estimator.learn("hidden", { input: 0, output: 400 }, { ...used(0, 100), reasoning: 2_000 });
      estimator.learn("shown", { input: 0, output: 8_000 }, { ...used(0, 100), reasoning: 1_900 });
    }
    expect(learnt("hidden")).toBe(504);
    expect(learnt("shown")).toBe(279);
  });

  it("asks for the text of the first whole answers of a model, then for one in sixteen", () => {
    const estimator = createUsageEstimator();
    const asked = Array.from({ length: 352 }, () => estimator.wantsSample("m"));
    expect(asked.slice(0, 32).every(Boolean)).toBe(true);
    expect(asked.slice(32).filter(Boolean)).toHaveLength(20);
    expect(estimator.wantsSample("another")).toBe(true);
  });

  it("forgets the oldest models past two thousand", () => {
    const estimator = createUsageEstimator();
    estimator.learn("first", { input: 0, output: 1_000 }, used(0, 900));
    for (let number = 0; number < 2_000; number += 1)
      estimator.learn(`m${number}`, { input: 0, output: 1_000 }, used(0, 900));
    expect(estimator.outputTokens("first", 1_000)).toBe(504);
    expect(estimator.outputTokens("m1999", 1_000)).toBe(995);
  });
});
