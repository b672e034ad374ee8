// The step-time model: a value by hand, the properties that every user of it relies on, and the published measurements.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultEngineProfile, ENGINE_PROFILES, stepTimeMs } from "./index.ts";
import type { EngineProfileName, StepWork } from "./index.ts";

const timing = {
  stepBaseMs: 12,
  perTokenMs: 0.5,
  perContextTokenMs: 0.01,
  attentionMs: 0.001,
  perSequenceMs: 0.25,
  stepOverheadMs: 2,
};
const count = fc.integer({ min: 0, max: 10_000 });
const works: fc.Arbitrary<StepWork> = fc.record({
  prefillTokens: count,
  decodeSequences: count,
  contextTokens: count,
  attentionPairs: count,
});

function joined(a: StepWork, b: StepWork): StepWork {
  return {
    prefillTokens: a.prefillTokens + b.prefillTokens,
    decodeSequences: a.decodeSequences + b.decodeSequences,
    contextTokens: a.contextTokens + b.contextTokens,
    attentionPairs: a.attentionPairs + b.attentionPairs,
  };
}

/** The time between two tokens when so many sequences decode with a context of that many tokens each. */
function itlMs(name: EngineProfileName, sequences: number, contextEach: number): number {
  const work = {
    prefillTokens: 0,
    decodeSequences: sequences,
    contextTokens: sequences * contextEach,
    attentionPairs: 0,
  };
  return stepTimeMs(ENGINE_PROFILES[name], work);
}

describe("stepTimeMs", () => {
  it("adds its parts as computed by hand", () => {
    const work = { prefillTokens: 8, decodeSequences: 10, contextTokens: 300, attentionPairs: 4000 };
    // √(12² + 9²) + 3 + 4 + 2.5 + 2
    expect(stepTimeMs(timing, work)).toBeCloseTo(26.5, 12);
  });

  it("costs base and overhead when there is nothing to do", () => {
    const nothing = { prefillTokens: 0, decodeSequences: 0, contextTokens: 0, attentionPairs: 0 };
    expect(stepTimeMs(timing, nothing)).toBe(14);
  });

  it("never gets shorter when work is added", () => {
    fc.assert(
      fc.property(works, works, (before, added) => {
        expect(stepTimeMs(timing, joined(before, added))).toBeGreaterThanOrEqual(stepTimeMs(timing, before));
      }),
    );
  });

  it("saves time when two steps are joined, but never more than one step's base and overhead", () => {
    fc.assert(
      fc.property(works, works, (a, b) => {
        const saved = stepTimeMs(timing, a) + stepTimeMs(timing, b) - stepTimeMs(timing, joined(a, b));
        expect(saved).toBeGreaterThan(0);
        expect(saved).toBeLessThanOrEqual(timing.stepBaseMs + timing.stepOverheadMs + 1e-9);
      }),
    );
  });
});

describe("the profiles", () => {
  // BLIS trained-physics: batch 1, 64 sequences of 200 tokens, 64 of 1500.
  it.each<[EngineProfileName, number, number, number]>([
    ["8b-a100", 10.5, 12.4, 22.8],
    ["8b-h100", 6.85, 8.1, 14.4],
    ["14b-h100", 12.2, 13.7, 21.6],
    ["70b-h100-tp4", 16.6, 17.6, 21.5],
    ["8b-l40s", 23.2, 27.3, 51.8],
  ])("%s decodes within a tenth of the published %f, %f and %f ms", (name, single, short, long) => {
    for (const [seen, published] of [
      [itlMs(name, 1, 200), single],
      [itlMs(name, 64, 200), short],
      [itlMs(name, 64, 1500), long],
    ] as const) {
      expect(Math.abs(seen / published - 1)).toBeLessThan(0.1);
    }
  });

  it("has the latencies that WVA measured for 8B on an H100 at batch 1 and 64, within a tenth", () => {
    // 128 tokens in, 128 out: 192 on average.
    expect(Math.abs(itlMs("8b-h100", 1, 192) / 7.0 - 1)).toBeLessThan(0.1);
    expect(Math.abs(itlMs("8b-h100", 64, 192) / 8.7 - 1)).toBeLessThan(0.1);
  });

  it("has the speed that llama.cpp published for one sequence with a long context and for 16 tokens, within a tenth", () => {
    expect(Math.abs(itlMs("serial-4", 1, 32_768) / (1000 / 102.76) - 1)).toBeLessThan(0.1);
    expect(Math.abs(itlMs("serial-4", 16, 0) / (16_000 / 1946) - 1)).toBeLessThan(0.1);
  });

  // Vidur's linear layers of Llama-3-8B on one A100, by tokens in a step; not fitted point by point.
  it.each([
    [1, 9.76],
    [32, 10.98],
    [128, 13.28],
    [256, 19.62],
    [512, 34.85],
    [2048, 142.62],
    [8192, 546.19],
  ])("reads the weights for %i tokens on an A100 within a tenth of the measured %f ms", (tokens, measuredMs) => {
    const { stepBaseMs, perTokenMs } = defaultEngineProfile;
    const linear = { ...timing, stepBaseMs, perTokenMs, stepOverheadMs: 0 };
    const work = { prefillTokens: tokens, decodeSequences: 0, contextTokens: 0, attentionPairs: 0 };
    expect(Math.abs(stepTimeMs(linear, work) / measuredMs - 1)).toBeLessThan(0.1);
  });

  it("reads prompts on H100s at the peak rate that was measured for Qwen3-32B on two, by weights", () => {
    const { perTokenMs } = ENGINE_PROFILES["14b-h100"];
    const measuredMs = (1000 / 20_480) * (14.8 / (32.8 / 2));
    expect(Math.abs(perTokenMs / measuredMs - 1)).toBeLessThan(0.1);
  });

  it("are whole where the batch counts, and named as they are found", () => {
    for (const [name, profile] of Object.entries(ENGINE_PROFILES)) {
      expect(profile.name).toBe(name);
      const counts = [profile.maxConcurrency, profile.maxTokensPerStep, profile.kvCapacityTokens, profile.blockTokens];
      expect(counts.every((value) => Number.isInteger(value) && value >= 1)).toBe(true);
    }
  });
});
