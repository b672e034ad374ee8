import { describe, expect, it } from "vitest";
import { createSeededRandom, deriveSeed } from "../random/seeded-random.ts";
import { drawGamma, drawNormal } from "../random/draw.ts";
import { findKnee } from "./find-knee.ts";
import { pairedDifference, pairedRatio } from "./paired-bootstrap.ts";
import { createLinearModel } from "./recursive-least-squares.ts";

describe("findKnee", () => {
  it.each([0.2, 1, 7.3, 40])("finds where attainment falls below the share, from a guess at 5: %d", async (knee) => {
    const found = await findKnee({
      start: 5,
      attainment: 0.95,
      tolerance: 0.005,
      measure: async (load) => (load <= knee ? 0.99 : 0.9),
    });
    expect(found).toBeLessThanOrEqual(knee);
    expect(found * 1.005).toBeGreaterThanOrEqual(knee);
  });

  it("gives up below a hundredth of the guess", async () => {
    const found = await findKnee({ start: 5, attainment: 0.95, tolerance: 0.5, measure: async () => 0 });
    expect(found).toBeLessThan(0.06);
  });
});

describe("paired bootstrap", () => {
  it("is sure of a ratio that is the same on every seed, however different the seeds", () => {
    const right = [1, 10, 100, 3, 30];
    const ratio = pairedRatio(
      right.map((value) => 2 * value),
      right,
      createSeededRandom(1),
    );
    expect(ratio.estimate).toBeCloseTo(2, 9);
    expect(ratio.low).toBeCloseTo(2, 9);
    expect(ratio.high).toBeCloseTo(2, 9);
  });

  it("covers the true difference about as often as it says", () => {
    const random = createSeededRandom(4);
    let covered = 0;
    for (let trial = 0; trial < 60; trial += 1) {
      const left = Array.from({ length: 12 }, () => 3 + drawNormal(random));
      const { low, high } = pairedDifference(
        left,
        left.map(() => 0),
        random,
      );
      if (low <= 3 && high >= 3) covered += 1;
    }
    // The percentile bootstrap of a dozen values is a little too sure of itself.
    expect(covered).toBeGreaterThan(49);
    expect(covered).toBeLessThan(60);
  });
});

describe("linear model", () => {
  it("learns coefficients, and follows them when they change", () => {
    const random = createSeededRandom(1);
    const model = createLinearModel(3, 0.98);
    const teach = (slope: number): void => {
      for (let sample = 0; sample < 500; sample += 1) {
        const x = random();
        model.learn([1, x, random()], 5 + slope * x + 0.01 * drawNormal(random));
      }
    };
    teach(2);
    expect(model.predict([1, 0.5, 0.3])).toBeCloseTo(6, 1);
    teach(-4);
    expect(model.predict([1, 0.5, 0.3])).toBeCloseTo(3, 1);
  });
});

describe("randomness", () => {
  it.each([0.2, 1, 9])("draws gamma numbers of the shape's mean and variance: %d", (shape) => {
    const random = createSeededRandom(3);
    const values = Array.from({ length: 20_000 }, () => drawGamma(random, shape));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean / shape).toBeCloseTo(1, 1);
    expect(variance / shape).toBeGreaterThan(0.9);
    expect(variance / shape).toBeLessThan(1.1);
  });

  it("gives every use of a seed its own row of numbers", () => {
    const seeds = new Set([deriveSeed(1, "a"), deriveSeed(1, "b"), deriveSeed(2, "a"), deriveSeed(2, "b")]);
    expect(seeds.size).toBe(4);
  });
});
