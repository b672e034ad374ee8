import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createCostFit } from "./cost-fit.ts";

describe("createCostFit", () => {
  it("believes the prior until it has seen something", () => {
    const fit = createCostFit({ prior: [10, 0.5] });
    expect(fit.coefficients).toEqual([10, 0.5]);
    expect(fit.expect([1, 20])).toBe(20);
    expect(fit.samples).toBe(0);
  });

  it("finds the parts of a cost, from a prior ten times too low or too high, with noise and stragglers", () => {
    for (const factor of [0.1, 10]) {
      const random = seededRandom(7);
      const fit = createCostFit({ prior: [8 * factor, 0.3 * factor, 0.001 * factor] });
      for (let sample = 0; sample < 400; sample += 1) {
        const running = 1 + Math.floor(random() * 100);
        const context = Math.floor(random() * 20_000);
        const straggles = random() < 0.1 ? 1 + 20 * random() : 1;
        fit.add([1, running, context], (8 + 0.3 * running + 0.001 * context) * (0.9 + 0.2 * random()) * straggles);
      }
      const [base, each, perToken] = fit.coefficients as [number, number, number];
      expect(Math.abs(Math.log(base / 8))).toBeLessThan(0.1);
      expect(Math.abs(Math.log(each / 0.3))).toBeLessThan(0.1);
      expect(Math.abs(Math.log(perToken / 0.001))).toBeLessThan(0.1);
    }
  });

  it("keeps to the lower edge where it is told that samples may have waited", () => {
    const random = seededRandom(8);
    const fit = createCostFit({ prior: [20, 0.1], lateWeight: 0.2 });
    for (let sample = 0; sample < 2000; sample += 1) {
      const tokens = 100 + Math.floor(random() * 4000);
      const waitMs = random() < 0.4 ? 5000 * random() : 0;
      fit.add([1, tokens], (15 + 0.05 * tokens) * (0.95 + 0.1 * random()) + waitMs);
    }
    expect(Math.abs(Math.log((fit.coefficients[1] as number) / 0.05))).toBeLessThan(0.15);
  });

  it("follows an engine that becomes slower", () => {
    const random = seededRandom(9);
    const fit = createCostFit({ prior: [10, 0.1] });
    for (const slower of [1, 3]) {
      for (let sample = 0; sample < 3000; sample += 1) {
        const running = 1 + Math.floor(random() * 50);
        fit.add([1, running], slower * (10 + 0.1 * running) * (0.95 + 0.1 * random()));
      }
      expect(Math.abs(Math.log(fit.expect([1, 25]) / (slower * 12.5)))).toBeLessThan(0.05);
    }
  });

  it("does not forget the parts while the load stands still", () => {
    const random = seededRandom(10);
    const fit = createCostFit({ prior: [3, 1] });
    for (let sample = 0; sample < 2000; sample += 1) {
      const running = 1 + Math.floor(random() * 60);
      fit.add([1, running], (10 + 0.2 * running) * (0.95 + 0.1 * random()));
    }
    // Hardly ever anything but 30: what one more request costs would be read off a handful of noisy samples.
    for (let sample = 0; sample < 30_000; sample += 1) {
      const running = sample % 100 === 0 ? 31 : 30;
      fit.add([1, running], (10 + 0.2 * running) * (0.8 + 0.4 * random()));
      if (sample % 1000 !== 999) continue;
      expect(Math.abs(Math.log(fit.expect([1, 5]) / 11))).toBeLessThan(0.15);
      expect(Math.abs(Math.log(fit.expect([1, 100]) / 30))).toBeLessThan(0.15);
    }
  });

  it("stays finite and not negative whatever it is told", () => {
    const amount = fc.oneof(
      fc.double({ min: 0, max: 1e6 }),
      fc.constantFrom(0, -1, 1e300, 1e-300, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const sample = fc.tuple(amount, amount, amount);
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 100 }), (samples) => {
        const fit = createCostFit({ prior: [1, 0.1] });
        for (const [one, two, timeMs] of samples) fit.add([one, two], timeMs);
        for (const coefficient of fit.coefficients) {
          expect(Number.isFinite(coefficient)).toBe(true);
          expect(coefficient).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
