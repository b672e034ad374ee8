// The order of work in a step, and that no set of sequences can stall it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planStep } from "./plan-step.ts";

const decoding = { promptTokens: 10, prefilledTokens: 10 };

describe("planStep", () => {
  it("lets decodes go first and reads prompts in what is left, oldest first", () => {
    const plan = planStep(
      [decoding, { promptTokens: 100, prefilledTokens: 60 }, { promptTokens: 100, prefilledTokens: 0 }, decoding],
      64,
    );
    expect(plan.work).toEqual({ prefillTokens: 62, decodeSequences: 2 });
    expect(plan.shares).toEqual([
      { prefillTokens: 0, gainsToken: true },
      { prefillTokens: 40, gainsToken: true },
      { prefillTokens: 22, gainsToken: false },
      { prefillTokens: 0, gainsToken: true },
    ]);
  });

  it("always moves a sequence on and never exceeds the step's tokens unless decodes alone do", () => {
    const sequence = fc
      .tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 }))
      .map(([a, b]) => ({ promptTokens: Math.max(a, b), prefilledTokens: Math.min(a, b) }));
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1 }), fc.integer({ min: 1, max: 4096 }), (running, maxTokens) => {
        const { work, shares } = planStep(running, maxTokens);
        expect(shares.some(({ gainsToken, prefillTokens }) => gainsToken || prefillTokens > 0)).toBe(true);
        expect(work.prefillTokens + work.decodeSequences).toBeLessThanOrEqual(
          Math.max(maxTokens, work.decodeSequences),
        );
      }),
    );
  });
});
