import { describe, expect, it } from "vitest";
import { poolLoad, weightedAverageLoad } from "./weighted-average-load.ts";

describe("weightedAverageLoad", () => {
  it("gives 16.25 for weights 2, 1, 1 and loads 20, 15, 10", () => {
    const parts = [
      { weight: 2, load: 20 },
      { weight: 1, load: 15 },
      { weight: 1, load: 10 },
    ];
    expect(weightedAverageLoad(parts)).toBe(16.25);
  });

  it("is 0 for an empty pool", () => {
    expect(weightedAverageLoad([])).toBe(0);
  });

  it("weighs endpoints by capacity times weight", () => {
    const pool = [
      { capacity: 4, weight: 1, inFlight: 4 },
      { capacity: 1, weight: 4, inFlight: 0 },
    ];
    expect(poolLoad(pool)).toBe(0.5);
  });
});
