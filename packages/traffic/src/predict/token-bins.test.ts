import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BIN_COUNT, BIN_EDGES, binOf } from "./token-bins.ts";

describe("binOf", () => {
  it("puts every length between the edges of its bin", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (tokens) => {
        const bin = binOf(tokens);
        expect(BIN_EDGES[bin] as number).toBeLessThan(tokens);
        expect(BIN_EDGES[bin + 1] as number).toBeGreaterThanOrEqual(tokens);
      }),
    );
  });

  it("gives small lengths a bin each and others one that is about 8 % wide", () => {
    expect([1, 2, 3, 12].map(binOf)).toEqual([0, 1, 2, 11]);
    for (let bin = 25; bin < BIN_COUNT; bin += 1) {
      expect((BIN_EDGES[bin + 1] as number) / (BIN_EDGES[bin] as number)).toBeLessThan(1.1);
    }
  });

  it("fits a byte", () => {
    expect(BIN_COUNT).toBeLessThanOrEqual(256);
  });

  it("takes what is no length for the nearest one", () => {
    expect([Number.NaN, -5, 0, 0.3].map(binOf)).toEqual([0, 0, 0, 0]);
    expect([2 ** 30, Number.POSITIVE_INFINITY].map(binOf)).toEqual([BIN_COUNT - 1, BIN_COUNT - 1]);
  });
});
