import { describe, expect, it } from "vitest";
import { rampShare } from "./slow-start.ts";

describe("the share of a new endpoint", () => {
  it("begins at a tenth and rises in a straight line to all of it", () => {
    expect([0, 500, 3_000, 5_000, 10_000, 60_000].map((ms) => rampShare(ms, 10_000))).toEqual([
      0.1, 0.1, 0.3, 0.5, 1, 1,
    ]);
  });

  it("is all of it without a window", () => {
    expect(rampShare(0, 0)).toBe(1);
  });
});
