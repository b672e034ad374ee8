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
        estimator.learn("m", 0, bytes, used(0, tokens));
      }
      expect(below / 9_744).toBeLessThan(1 / 128);
      expect(estimated / true_).toBeGreaterThan(1);
      expect(estimated / true_).toBeLessThan(1.75);
    }
  });

  it("begins above every usual text, and is nothing for nothing", () => {
    const estimator = createUsageEstimator();
    expect(estimator.outputTokens("new", 1_000)).toBe(504);
    expect(estimator.estimate("new", 0, 0)).toEqual(used(0, 0));
  });

  it("goes up at once when a model turns out to need more, and never beyond a token a byte and a little", () => {
    const estimator = createUsageEstimator();
    estimator.learn("m", 0, 100, used(0, 90));
    expect(estimator.outputTokens("m", 1_000)).toBeGreaterThan(900);
    estimator.learn("m", 0, 100, used(0, 5_000));
    expect(estimator.outputTokens("m", 1_000)).toBe(1_004);
  });

  it("comes down to what the last calls showed, and learns nothing of images, sounds and short texts", () => {
    const estimator = createUsageEstimator();
    estimator.learn("m", 10, 10, used(10, 10));
    estimator.learn("m", 1_000, 1_000, { ...used(900, 900), imageInput: 5_000, audioOutput: 5_000 });
    for (let number = 0; number < 256; number += 1) estimator.learn("m", 1_000, 1_000, used(200, 200));
    expect(estimator.estimate("m", 1_000, 1_000)).toEqual(used(225, 225));
  });

  it("forgets the oldest models past two thousand", () => {
    const estimator = createUsageEstimator();
    estimator.learn("first", 0, 1_000, used(0, 900));
    for (let number = 0; number < 2_000; number += 1) estimator.learn(`m${number}`, 0, 1_000, used(0, 900));
    expect(estimator.outputTokens("first", 1_000)).toBe(504);
    expect(estimator.outputTokens("m1999", 1_000)).toBe(995);
  });
});
