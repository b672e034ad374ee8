import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderKey } from "./order-key.ts";
import type { TenantOrder } from "./order-options.ts";

const SHORTEST: TenantOrder = { kind: "shortest", oldestShare: 0.25 };
const boost = (gammaPerSecond: number): TenantOrder => ({ kind: "boost", gammaPerSecond });
const ms = fc.double({ min: 1, max: 100_000, noNaN: true });

/** Names by key. */
function ordered(
  order: TenantOrder,
  items: readonly { readonly name: number; readonly at?: number; readonly work: number }[],
) {
  return items
    .toSorted((a, b) => orderKey(order, a.at ?? 0, a.work) - orderKey(order, b.at ?? 0, b.work))
    .map(({ name }) => name);
}

describe("the order key", () => {
  it("orders T = 20, 30, 10 with C = 5, 10, 3 as 3, 1, 2", () => {
    const [T, C] = [
      [20, 30, 10],
      [5, 10, 3],
    ] as const;
    const items = T.map((total, index) => ({ name: index + 1, work: total - (C[index] as number) }));
    expect(ordered(SHORTEST, items)).toEqual([3, 1, 2]);
  });

  it("is the arrival where that is the order", () => {
    const items = [
      { name: 1, at: 5, work: 1 },
      { name: 2, at: 3, work: 9 },
    ];
    expect(ordered({ kind: "arrival" }, items)).toEqual([2, 1]);
  });

  it("γ-boost: equal arrivals go by work, equal work by arrival, and nobody is later than by arrival", () => {
    fc.assert(
      fc.property(ms, ms, ms, ms, fc.constantFrom(0.01, 0.1, 1), (at, later, work, more, gamma) => {
        const order = boost(gamma);
        expect(orderKey(order, at, work)).toBeLessThanOrEqual(at);
        expect(orderKey(order, at, work)).toBeLessThanOrEqual(orderKey(order, at, work + more));
        expect(orderKey(order, at, work)).toBeLessThan(orderKey(order, at + later, work));
      }),
    );
  });

  it("γ-boost with a small γ is nearly by work, with a large one by arrival", () => {
    const items = [
      { name: 1, at: 0, work: 5_000 },
      { name: 2, at: 2_000, work: 500 },
    ];
    expect(ordered(boost(0.001), items)).toEqual([2, 1]);
    expect(ordered(boost(10), items)).toEqual([1, 2]);
  });

  it("γ-boost moves forward by what its formula says", () => {
    // s = 1 s, γ = 1/s: 1 s earlier × ln(1 ÷ (1 − e⁻¹)) = 458.7 ms.
    expect(orderKey(boost(1), 10_000, 1_000)).toBeCloseTo(10_000 - 458.675, 2);
  });

  it("is finite for no work at all", () => {
    expect(Number.isFinite(orderKey(boost(0.02), 0, 0))).toBe(true);
  });
});
