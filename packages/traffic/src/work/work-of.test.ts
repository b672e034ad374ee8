import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_WORK_RATES } from "./work-rates.ts";
import { workOf } from "./work-of.ts";

const count = fc.integer({ min: 0, max: 100_000 });

describe("workOf", () => {
  it("is what is computed by hand", () => {
    expect(workOf({ prefillMs: 0.1, decodeMs: 0.5, contextMs: 0.001 }, 100, 300, 200)).toBeCloseTo(190, 9);
    expect(workOf({ prefillMs: 0.1, decodeMs: 0.5, contextMs: 0.001 }, 0, 300, 0)).toBe(0);
  });

  it("adds up when an answer is made in two parts: what has come is context of the rest", () => {
    fc.assert(
      fc.property(count, count, count, (inputTokens, first, second) => {
        const whole = workOf(DEFAULT_WORK_RATES, 0, inputTokens, first + second);
        const parts =
          workOf(DEFAULT_WORK_RATES, 0, inputTokens, first) +
          workOf(DEFAULT_WORK_RATES, 0, inputTokens + first, second);
        expect(parts).toBeCloseTo(whole, 4);
      }),
    );
  });

  it("is never less for more", () => {
    fc.assert(
      fc.property(count, count, count, count, (uncached, input, output, more) => {
        const work = workOf(DEFAULT_WORK_RATES, uncached, input, output);
        expect(workOf(DEFAULT_WORK_RATES, uncached + more, input, output)).toBeGreaterThanOrEqual(work);
        expect(workOf(DEFAULT_WORK_RATES, uncached, input + more, output)).toBeGreaterThanOrEqual(work);
        expect(workOf(DEFAULT_WORK_RATES, uncached, input, output + more)).toBeGreaterThanOrEqual(work);
      }),
    );
  });
});
