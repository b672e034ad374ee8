import { describe, expect, it } from "vitest";
import { averageLoadOf, sumPoolLoad, type LoadPart } from "./sum-pool-load.ts";

function part(change: Partial<LoadPart> = {}): LoadPart {
  return { inFlight: 0, load: 0, slots: 16, weight: 1, ...change };
}

describe("the load of a pool", () => {
  it("is Σ wᵢLᵢ ÷ Σ wᵢ: w = 2, 1, 1 and L = 20, 15, 10 give 16.25", () => {
    const parts = [part({ slots: 2, load: 20 }), part({ slots: 1, load: 15 }), part({ slots: 1, load: 10 })];
    expect(averageLoadOf(sumPoolLoad(parts, 0))).toBe(16.25);
  });

  it("counts those who wait in the same unit: as many waiting as running on full endpoints are twice the capacity", () => {
    const sums = sumPoolLoad([part({ slots: 96, inFlight: 96, load: 1 })], 96);
    expect(sums).toEqual({ inFlight: 96, waiting: 96, load: 96, backlog: 96, capacity: 96, serving: 1 });
    expect(averageLoadOf(sums)).toBe(2);
  });

  it("takes those who wait to fill what those in flight fill: memory, where that is what is short", () => {
    const sums = sumPoolLoad([part({ slots: 100, inFlight: 20, load: 0.9 })], 10);
    expect(averageLoadOf(sums)).toBeCloseTo(1.35);
  });

  it("is no other where capacities are told in another unit", () => {
    const inSlots = sumPoolLoad(
      [part({ slots: 96, inFlight: 90, load: 90 / 96 }), part({ slots: 32, inFlight: 8, load: 0.25 })],
      7,
    );
    const asReplicas = sumPoolLoad(
      [part({ slots: 3, inFlight: 90, load: 90 / 96 }), part({ slots: 1, inFlight: 8, load: 0.25 })],
      7,
    );
    expect(averageLoadOf(inSlots)).toBeCloseTo(averageLoadOf(asReplicas), 12);
  });

  it("weighs mixed hardware by what it writes, where that was learned of all, else by the requests that it takes", () => {
    const fast = part({ slots: 64, inFlight: 64, load: 1, tokenMs: 0.2 });
    const slow = part({ slots: 64, inFlight: 0, load: 0, tokenMs: 0.6 });
    const sums = sumPoolLoad([fast, slow], 0);
    expect(averageLoadOf(sums)).toBeCloseTo(0.75);
    expect(sums.capacity).toBeCloseTo(128);
    const { tokenMs: _unknown, ...unknown } = slow;
    expect(averageLoadOf(sumPoolLoad([fast, unknown], 0))).toBeCloseTo(0.5);
  });

  it("counts a weight that somebody has set on top of it", () => {
    const sums = sumPoolLoad([part({ load: 1, weight: 3 }), part({ load: 0 })], 0);
    expect(averageLoadOf(sums)).toBeCloseTo(0.75);
  });

  it("knows what waits while nothing runs, or nobody serves", () => {
    expect(averageLoadOf(sumPoolLoad([part({ slots: 4 }), part({ slots: 4 })], 4))).toBeCloseTo(0.5);
    expect(sumPoolLoad([], 3)).toMatchObject({ backlog: 3, capacity: 0 });
    expect(averageLoadOf(sumPoolLoad([], 3))).toBe(0);
  });
});
