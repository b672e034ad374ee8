// The step-time model: golden values by hand and the properties that every user of it relies on.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultEngineProfile, prefillTimeMs, stepTimeMs } from "./index.ts";

const profile = {
  ...defaultEngineProfile,
  prefillTokensPerSecond: 10_000,
  stepBaseMs: 10,
  perSequenceMs: 0.5,
};
const count = fc.integer({ min: 0, max: 10_000 });

describe("stepTimeMs", () => {
  it("adds base, prefill and decode as computed by hand", () => {
    expect(stepTimeMs(profile, { prefillTokens: 500, decodeSequences: 4 })).toBeCloseTo(62, 9);
  });

  it("costs the base time when there is nothing to do", () => {
    expect(stepTimeMs(profile, { prefillTokens: 0, decodeSequences: 0 })).toBe(10);
  });

  it("never gets shorter when work is added", () => {
    fc.assert(
      fc.property(count, count, count, count, (prefill, decode, morePrefill, moreDecode) => {
        const before = stepTimeMs(profile, { prefillTokens: prefill, decodeSequences: decode });
        const after = stepTimeMs(profile, {
          prefillTokens: prefill + morePrefill,
          decodeSequences: decode + moreDecode,
        });
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it("saves exactly the base time when two steps are joined", () => {
    fc.assert(
      fc.property(count, count, count, count, (prefillA, decodeA, prefillB, decodeB) => {
        const apart =
          stepTimeMs(profile, { prefillTokens: prefillA, decodeSequences: decodeA }) +
          stepTimeMs(profile, { prefillTokens: prefillB, decodeSequences: decodeB });
        const joined = stepTimeMs(profile, {
          prefillTokens: prefillA + prefillB,
          decodeSequences: decodeA + decodeB,
        });
        expect(apart - joined).toBeCloseTo(profile.stepBaseMs, 6);
      }),
    );
  });

  it("gives the inter-token latency near the published one for an 8B model on an A100 at batch 64", () => {
    const stepMs = stepTimeMs(defaultEngineProfile, { prefillTokens: 0, decodeSequences: 64 });
    expect(stepMs).toBeGreaterThan(11.5);
    expect(stepMs).toBeLessThan(13);
  });
});

describe("prefillTimeMs", () => {
  it("is the prompt divided by the rate", () => {
    expect(prefillTimeMs(profile, 2500)).toBeCloseTo(250, 9);
  });
});
