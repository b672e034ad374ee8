import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadAfterPlacing } from "./candidate.ts";
import { chooseLeastOwnLoad } from "./least-own-load.ts";

const candidate = fc.record({
  capacity: fc.integer({ min: 1, max: 64 }),
  weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
  inFlight: fc.integer({ min: 0, max: 200 }),
});
const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe("chooseLeastOwnLoad", () => {
  it("finds nothing in an empty pool", () => {
    expect(chooseLeastOwnLoad([], () => 0)).toBe(-1);
  });

  it("looks at the endpoint's own load after placing, not at the smallest count", () => {
    const small = { capacity: 8, weight: 1, inFlight: 4 };
    const large = { capacity: 16, weight: 1, inFlight: 6 };
    expect(chooseLeastOwnLoad([small, large], () => 0)).toBe(1);
  });

  it("never chooses an endpoint that another one undercuts", () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 20 }), random, (pool, chance) => {
        const chosen = pool[chooseLeastOwnLoad(pool, () => chance)];
        const least = Math.min(...pool.map(loadAfterPlacing));
        return chosen !== undefined && loadAfterPlacing(chosen) === least;
      }),
    );
  });

  it("breaks ties at random by share weight", () => {
    // Both have load 1 after placing; the first has three times the share.
    const pool = [
      { capacity: 3, weight: 1, inFlight: 2 },
      { capacity: 1, weight: 1, inFlight: 0 },
    ];
    let state = 1;
    const seeded = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    let first = 0;
    for (let draw = 0; draw < 4_000; draw += 1) {
      if (chooseLeastOwnLoad(pool, seeded) === 0) first += 1;
    }
    expect(first / 4_000).toBeGreaterThan(0.72);
    expect(first / 4_000).toBeLessThan(0.78);
  });
});
