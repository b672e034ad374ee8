import { describe, expect, it } from "vitest";
import type { Replayed } from "./replay.ts";
import { rateSteps, restoreLimits } from "./restore-limits.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const TODAY = Date.parse("2026-11-23T00:00:00Z");
const MONTH = Date.parse("2026-11-01T00:00:00Z");

function replayed(more: Partial<Replayed>): Replayed {
  return { spent: new Map(), ratesDump: undefined, rateCounts: [], lostCalls: 0, tornLines: 0, ...more };
}

describe("the restoring of limits", () => {
  it("restores budgets of the current period alone, and of journal and control the larger sum", () => {
    const spent = new Map<string, number>();
    const restorer = {
      restoreSpent: (id: string, amount: number) => void spent.set(id, amount),
      restoreRate: () => undefined,
    };
    restoreLimits(
      restorer,
      replayed({
        spent: new Map([
          ["key:a usd/day", { amount: 5, periodStart: TODAY }],
          ["key:b usd/day", { amount: 5, periodStart: TODAY - 86_400_000 }],
          ["key:c usd/month", { amount: 5, periodStart: MONTH }],
        ]),
      }),
      {
        timeZone: "UTC",
        now: NOW,
        known: [
          { limitId: "key:a usd/day", spent: 3, periodStart: TODAY },
          { limitId: "key:c usd/month", spent: 9, periodStart: MONTH },
          { limitId: "key:d cny/day", spent: 7, periodStart: TODAY },
          { limitId: "key:e cny/week", spent: 7, periodStart: TODAY - 7 * 86_400_000 },
        ],
      },
    );
    expect([...spent]).toEqual([
      ["key:a usd/day", 5],
      ["key:c usd/month", 9],
      ["key:d cny/day", 7],
    ]);
  });

  it("sums a rate in the steps of its window, leaves out what the window has passed, and never goes below nothing", () => {
    const id = "key:a tokens/60000";
    const steps = rateSteps(
      replayed({
        ratesDump: {
          at: NOW - 2_000,
          rates: [
            [
              id,
              [
                [NOW - 70_000, 50],
                [NOW - 30_000, 100],
                [NOW - 10_000, 10],
              ],
            ],
          ],
        },
        rateCounts: [
          { limitId: id, at: NOW - 29_500, amount: -40 },
          { limitId: id, at: NOW - 9_100, amount: -30 },
          { limitId: id, at: NOW - 100, amount: 7 },
          { limitId: id, at: NOW + 5_000, amount: 1 },
        ],
      }),
      NOW,
    );
    expect(steps.get(id)).toEqual([
      [NOW - 30_000, 60],
      [NOW - 1_000, 7],
      [NOW, 1],
    ]);
  });
});
