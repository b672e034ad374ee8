import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waterLevel } from "./fair-share.ts";

const tenants = fc.array(
  fc.record({ offer: fc.double({ min: 0, max: 1_000, noNaN: true }), weight: fc.constantFrom(0.5, 1, 2, 4) }),
  { minLength: 1, maxLength: 6 },
);

describe("the water level", () => {
  it("divides equally what all ask for too much of", () => {
    expect(waterLevel([50, 60, 70], [1, 1, 1], 90)).toBe(30);
  });

  it("gives what a small one leaves to the others", () => {
    expect(waterLevel([10, 100, 100], [1, 1, 1], 90)).toBe(40);
  });

  it("gives twice to a weight of two", () => {
    expect(waterLevel([100, 100], [1, 2], 90)).toBe(30);
  });

  it("has no level when everything asked for fits", () => {
    expect(waterLevel([10, 20], [1, 1], 31)).toBe(Number.POSITIVE_INFINITY);
  });

  it("fills the budget, and nobody who is cut has less per weight than another", () => {
    fc.assert(
      fc.property(tenants, fc.double({ min: 1, max: 5_000, noNaN: true }), (parts, budget) => {
        const level = waterLevel(
          parts.map(({ offer }) => offer),
          parts.map(({ weight }) => weight),
          budget,
        );
        const given = parts.reduce((sum, { offer, weight }) => sum + Math.min(offer, level * weight), 0);
        const asked = parts.reduce((sum, { offer }) => sum + offer, 0);
        expect(given).toBeCloseTo(Math.min(asked, budget), 3);
      }),
    );
  });
});
