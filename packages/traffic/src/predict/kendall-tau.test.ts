import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kendallTau } from "./kendall-tau.ts";

/** The definition, pair by pair. */
function tauByPairs(left: readonly number[], right: readonly number[]): number {
  let difference = 0;
  let leftPairs = 0;
  let rightPairs = 0;
  for (let a = 0; a < left.length; a += 1) {
    for (let b = 0; b < a; b += 1) {
      const x = Math.sign((left[a] as number) - (left[b] as number));
      const y = Math.sign((right[a] as number) - (right[b] as number));
      difference += x * y;
      leftPairs += x * x;
      rightPairs += y * y;
    }
  }
  return leftPairs * rightPairs > 0 ? difference / Math.sqrt(leftPairs * rightPairs) : 0;
}

describe("kendallTau", () => {
  it("is 1 for the same order, −1 for the opposite, 0 for one value", () => {
    expect(kendallTau([1, 2, 3], [10, 20, 30])).toBe(1);
    expect(kendallTau([1, 2, 3], [30, 20, 10])).toBe(-1);
    expect(kendallTau([5, 5, 5], [1, 2, 3])).toBe(0);
    expect(kendallTau([], [])).toBe(0);
  });

  it("is what the definition over all pairs gives, ties included", () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
        const left = pairs.map(([x]) => x);
        const right = pairs.map(([, y]) => y);
        expect(kendallTau(left, right)).toBeCloseTo(tauByPairs(left, right), 9);
      }),
    );
  });
});
