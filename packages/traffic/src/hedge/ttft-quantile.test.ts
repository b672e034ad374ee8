import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addTtft, createTtftQuantiles, ttftQuantileMs } from "./ttft-quantile.ts";

/** Half a bucket to each side. */
const ERROR = 2 ** (0.5 / 8) + 1e-9;

describe("the learned times to the first token", () => {
  it("knows nothing at first", () => {
    expect(ttftQuantileMs(createTtftQuantiles(), 0.95)).toBeUndefined();
  });

  it("is within half a bucket of a value that is always the same", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 2_000_000, noNaN: true }), fc.integer({ min: 1, max: 50 }), (ms, count) => {
        const learned = createTtftQuantiles();
        for (let sample = 0; sample < count; sample += 1) addTtft(learned, ms);
        const p95 = ttftQuantileMs(learned, 0.95) ?? 0;
        return p95 / ms <= ERROR && ms / p95 <= ERROR;
      }),
    );
  });

  it("finds the quantiles of an even spread", () => {
    const random = seededRandom(8);
    const learned = createTtftQuantiles();
    for (let sample = 0; sample < 20_000; sample += 1) addTtft(learned, 1_000 * random());
    for (const share of [0.5, 0.95, 0.99]) {
      expect((ttftQuantileMs(learned, share) ?? 0) / (1_000 * share)).toBeGreaterThan(0.9);
      expect((ttftQuantileMs(learned, share) ?? 0) / (1_000 * share)).toBeLessThan(1.1);
    }
  });

  it("forgets: after a lasting change the past is gone within some thousand samples", () => {
    const learned = createTtftQuantiles();
    for (let sample = 0; sample < 100_000; sample += 1) addTtft(learned, 4_000);
    for (let sample = 0; sample < 3_000; sample += 1) addTtft(learned, 100);
    expect(ttftQuantileMs(learned, 0.95)).toBeLessThan(110);
    expect(learned.total).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it("never falls when the share rises, and stays in its range, whatever is counted", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (times) => {
        const learned = createTtftQuantiles();
        for (const ms of times) addTtft(learned, ms);
        const quantiles = [0, 0.5, 0.95, 0.99, 1].map((share) => ttftQuantileMs(learned, share) ?? Number.NaN);
        expect(quantiles.toSorted((a, b) => a - b)).toEqual(quantiles);
        expect(quantiles.every((ms) => ms > 0 && ms < 2 ** 21)).toBe(true);
      }),
    );
  });
});
