// Against the plain sum over whole lengths: within a bin they are equally likely.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MixturePrediction } from "./mixture-prediction.ts";
import { BIN_COUNT, BIN_EDGES, binOf } from "./token-bins.ts";

/** Bins up to about 400 tokens: the sums stay short. */
const LOW_BINS = binOf(400);

function sharesOf(entries: readonly (readonly [tokens: number, share: number])[]): number[] {
  const shares = Array.from({ length: BIN_COUNT }, () => 0);
  for (const [tokens, share] of entries) shares[binOf(tokens)] = share;
  return shares;
}

const someShares = fc
  .array(fc.tuple(fc.integer({ min: 0, max: LOW_BINS }), fc.integer({ min: 1, max: 100 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((entries) => {
    const shares = Array.from({ length: BIN_COUNT }, () => 0);
    let sum = 0;
    for (const [bin, weight] of entries) {
      shares[bin] = (shares[bin] as number) + weight;
      sum += weight;
    }
    return shares.map((share) => share / sum);
  });
const someCap = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 500 }));

/** E[min(X, cap) − a | X > a], length by length. */
function remainingBySum(shares: readonly number[], a: number, cap: number): number {
  let weight = 0;
  let sum = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    if ((shares[bin] as number) === 0) continue;
    const low = BIN_EDGES[bin] as number;
    const high = BIN_EDGES[bin + 1] as number;
    for (let tokens = low + 1; tokens <= high; tokens += 1) {
      if (tokens <= a) continue;
      weight += (shares[bin] as number) / (high - low);
      sum += ((shares[bin] as number) / (high - low)) * (Math.min(cap, tokens) - a);
    }
  }
  return weight > 1e-9 ? sum / weight : Number.NaN;
}

describe("MixturePrediction", () => {
  it("knows the quantiles and the mean of two lengths", () => {
    const prediction = new MixturePrediction(
      sharesOf([
        [2, 0.75],
        [10, 0.25],
      ]),
      7,
      Number.POSITIVE_INFINITY,
    );
    expect(prediction).toMatchObject({ p50: 2, p90: 10, seen: 7 });
    expect(prediction.mean).toBeCloseTo(4, 9);
  });

  it("knows what is left after some tokens: the short ones are over by then", () => {
    const prediction = new MixturePrediction(
      sharesOf([
        [2, 0.75],
        [10, 0.25],
      ]),
      7,
      Number.POSITIVE_INFINITY,
    );
    expect(prediction.remainingAfter(0)).toBeCloseTo(4, 9);
    expect(prediction.remainingAfter(1)).toBeCloseTo(3, 9);
    expect(prediction.remainingAfter(2)).toBeCloseTo(8, 9);
    expect(prediction.remainingAfter(9)).toBeCloseTo(1, 9);
    expect(prediction.quantileAfter(0.5, 2)).toBe(10);
  });

  it("expects no more than the bound", () => {
    const prediction = new MixturePrediction(
      sharesOf([
        [2, 0.5],
        [10, 0.5],
      ]),
      7,
      6,
    );
    expect(prediction).toMatchObject({ p50: 2, p90: 6 });
    expect(prediction.mean).toBeCloseTo(4, 9);
    expect(prediction.remainingAfter(5)).toBeCloseTo(1, 9);
    expect(prediction.remainingAfter(6)).toBe(0);
    expect(prediction.quantileAfter(0.99, 3)).toBe(6);
  });

  it("gives what a sum over all lengths gives", () => {
    fc.assert(
      fc.property(someShares, someCap, fc.integer({ min: 0, max: 450 }), (shares, cap, a) => {
        const expected = remainingBySum(shares, a, cap);
        fc.pre(Number.isFinite(expected) && a < cap);
        const prediction = new MixturePrediction(shares, 1, cap);
        expect(prediction.remainingAfter(a)).toBeCloseTo(expected, 6);
      }),
    );
  });

  it("has quantiles that rise with the share, never before what has come nor beyond the bound", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(someShares, someCap, share, share, fc.integer({ min: 0, max: 600 }), (shares, cap, q, r, a) => {
        const prediction = new MixturePrediction(shares, 1, cap);
        const low = prediction.quantileAfter(Math.min(q, r), a);
        const high = prediction.quantileAfter(Math.max(q, r), a);
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(a);
        expect(high).toBeLessThanOrEqual(Math.max(a, cap));
      }),
    );
  });

  it("stays finite beyond every length that was seen", () => {
    const prediction = new MixturePrediction(sharesOf([[100, 1]]), 1, Number.POSITIVE_INFINITY);
    for (const tokens of [100, 5000, 2 ** 21, Number.NaN, -1]) {
      expect(prediction.remainingAfter(tokens)).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(prediction.remainingAfter(tokens))).toBe(true);
      expect(Number.isFinite(prediction.quantileAfter(0.9, tokens))).toBe(true);
    }
  });
});
