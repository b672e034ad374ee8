import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlidingCount } from "./sliding-count.ts";

describe("createSlidingCount", () => {
  it("forgets what is older than the window", () => {
    let now = 0;
    const count = createSlidingCount({ monotonic: () => now }, 1_000);
    count.add(3);
    now = 999;
    expect(count.total()).toBe(3);
    now = 1_000;
    expect(count.total()).toBe(0);
  });

  it("equals a plain list of the events of the last steps, whatever the gaps", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.nat(9))), (events) => {
        let now = 12_345;
        const count = createSlidingCount({ monotonic: () => now }, 1_000, 5);
        const list: { at: number; amount: number }[] = [];
        for (const [waitMs, amount] of events) {
          now += waitMs;
          count.add(amount);
          list.push({ at: now, amount });
        }
        const oldest = Math.floor(now / 200) - 5;
        const expected = list
          .filter(({ at }) => Math.floor(at / 200) > oldest)
          .reduce((sum, { amount }) => sum + amount, 0);
        return count.total() === expected;
      }),
    );
  });
});
