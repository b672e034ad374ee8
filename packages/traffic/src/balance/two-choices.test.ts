import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadAfterPlacing } from "./candidate.ts";
import { chooseOfTwo } from "./two-choices.ts";

const candidate = fc.record({
  capacity: fc.integer({ min: 1, max: 64 }),
  weight: fc.constantFrom(0.5, 1, 2),
  inFlight: fc.integer({ min: 0, max: 200 }),
});

describe("chooseOfTwo", () => {
  it("finds nothing in an empty pool and the one of one", () => {
    expect(chooseOfTwo([], Math.random)).toBe(-1);
    expect(chooseOfTwo([{ capacity: 1, weight: 1, inFlight: 9 }], Math.random)).toBe(0);
  });

  it("never chooses the worst of different loads", () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { minLength: 3, maxLength: 10 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
        (pool, stream) => {
          const loads = pool.map(loadAfterPlacing);
          fc.pre(new Set(loads).size === loads.length);
          const chosen = chooseOfTwo(pool, () => stream.next().value as number);
          return loads[chosen] !== Math.max(...loads);
        },
      ),
    );
  });
});
