import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideWhole, type PartAsk } from "./divide-whole.ts";

const ask = fc.record({
  demand: fc.nat(60),
  isLeaving: fc.boolean(),
  turn: fc.double({ min: -1, max: 1, noNaN: true }),
});
const asks = fc.array(ask, { minLength: 1, maxLength: 8 });
const whole = fc.nat(40);
const sumOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + part, 0);
const of = (demand: number, more: Partial<PartAsk> = {}): PartAsk => ({ demand, isLeaving: false, turn: 0, ...more });

describe("the parts of a whole", () => {
  it("are whole units, add up to no more than it, and to all of it while somebody stays or wants it", () => {
    fc.assert(
      fc.property(whole, asks, (amount, all) => {
        const parts = divideWhole(amount, all);
        expect(parts.every((part) => Number.isInteger(part) && part >= 0)).toBe(true);
        const isTaken = all.some(({ isLeaving }) => !isLeaving) || sumOf(all.map(({ demand }) => demand)) >= amount;
        expect(sumOf(parts)).toBe(isTaken ? amount : sumOf(all.map(({ demand }) => demand)));
      }),
    );
  });

  it("give everyone what he asks for, or as much as anybody else, and none more than that who asks for more", () => {
    fc.assert(
      fc.property(whole, asks, (amount, all) => {
        const parts = divideWhole(amount, all);
        const most = Math.max(...parts.map((part, index) => Math.min(part, all[index]?.demand ?? 0)));
        for (const [index, { demand }] of all.entries()) {
          expect(parts[index]).toBeGreaterThanOrEqual(Math.min(demand, Math.floor(amount / all.length)));
          if ((parts[index] as number) < demand) expect(parts[index]).toBeGreaterThanOrEqual(most - 1);
        }
      }),
    );
  });

  it("follow what is asked for, and divide the rest equally", () => {
    expect(divideWhole(10, [of(9), of(3)])).toEqual([7, 3]);
    expect(divideWhole(10, [of(2), of(4)])).toEqual([4, 6]);
    expect(divideWhole(10, [of(0), of(0), of(0)])).toEqual([4, 3, 3]);
    expect(divideWhole(10, [of(9), of(0)])).toEqual([9, 1]);
    expect(divideWhole(10, [of(3, { isLeaving: true }), of(0)])).toEqual([3, 7]);
  });

  it("give what cannot be divided to whose turn it is", () => {
    expect(divideWhole(1, [of(5), of(5, { turn: 0.5 })])).toEqual([0, 1]);
    expect(divideWhole(5, [of(9, { turn: -0.1 }), of(9), of(1)])).toEqual([2, 2, 1]);
    expect(divideWhole(4, [of(9, { turn: -0.1 }), of(9), of(1)])).toEqual([1, 2, 1]);
  });
});
