import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetryBudget } from "./retry-budget.ts";

function takeAll(budget: ReturnType<typeof createRetryBudget>, now: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.tryTake(now)) taken += 1;
  return taken;
}

describe("createRetryBudget", () => {
  it("gives a quiet pool its floor: 10 a second over the window of ten seconds", () => {
    expect(takeAll(createRetryBudget(), 5_000)).toBe(100);
  });

  it("adds a fifth of the requests of the last ten seconds", () => {
    const budget = createRetryBudget();
    for (let request = 0; request < 1_000; request += 1) budget.onRequest(5_000);
    expect(takeAll(budget, 5_000)).toBe(300);
  });

  it("forgets requests and retries after ten seconds", () => {
    const budget = createRetryBudget();
    for (let request = 0; request < 1_000; request += 1) budget.onRequest(0);
    takeAll(budget, 0);
    expect(budget.tryTake(9_999)).toBe(false);
    expect(takeAll(budget, 10_000)).toBe(100);
  });

  it("never grants a retry beyond the floor and a fifth of the window that ends then, whatever the arrivals", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 50 })));
    fc.assert(
      fc.property(steps, (arrivals) => {
        const budget = createRetryBudget(1);
        const requests: number[] = [];
        const retries: number[] = [];
        let now = 0;
        for (const [waitMs, count] of arrivals) {
          now += waitMs;
          for (let request = 0; request < count; request += 1) {
            budget.onRequest(now);
            requests.push(now);
            if (!budget.tryTake(now)) continue;
            retries.push(now);
            const last = Math.floor(now / 1_000);
            const within = (at: number): boolean => Math.floor(at / 1_000) > last - 10;
            if (retries.filter(within).length > requests.filter(within).length * 0.2 + 10) return false;
          }
        }
        return true;
      }),
    );
  });
});
