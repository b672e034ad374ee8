import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addCallToHedgeBudget, createHedgeBudget, takeHedge } from "./hedge-budget.ts";

describe("the budget of hedges", () => {
  it("never allows more than its share of the calls so far, and all of it to those who take it evenly", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.array(fc.boolean(), { maxLength: 400 }),
        (cap, wants) => {
          const budget = createHedgeBudget();
          let calls = 0;
          let hedges = 0;
          for (const isWanted of wants) {
            addCallToHedgeBudget(budget, cap);
            calls += 1;
            if (isWanted && takeHedge(budget)) hedges += 1;
            expect(hedges).toBeLessThanOrEqual(calls * cap + 1e-6);
          }
        },
      ),
    );
    const budget = createHedgeBudget();
    let hedges = 0;
    for (let call = 0; call < 1_000; call += 1) {
      addCallToHedgeBudget(budget, 0.05);
      if (takeHedge(budget)) hedges += 1;
    }
    expect(hedges).toBe(50);
  });

  it("saves up no more than ten", () => {
    const budget = createHedgeBudget();
    for (let call = 0; call < 100_000; call += 1) addCallToHedgeBudget(budget, 0.1);
    let hedges = 0;
    while (takeHedge(budget)) hedges += 1;
    expect(hedges).toBe(10);
  });
});
