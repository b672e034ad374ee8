import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addToRate,
  correctRate,
  fitsRate,
  msUntilFits,
  RATE_WINDOW_CELLS,
  readRate,
  repairRate,
  setRate,
  type WindowPlace,
} from "./rate-window.ts";

function makeWindow(limit: number, windowMs = 60_000): WindowPlace {
  const place = { cells: new Float64Array(RATE_WINDOW_CELLS + 3), at: 3 };
  setRate(place, limit, windowMs);
  return place;
}

function take(place: WindowPlace, amount: number, now: number): boolean {
  if (!fitsRate(place, amount, now)) return false;
  addToRate(place, amount, now);
  return true;
}

describe("a rate over a sliding window", () => {
  it("never holds more than its limit in any span of the window's length", () => {
    const moves = fc.array(fc.record({ waitMs: fc.nat(4_000), amount: fc.integer({ min: 1, max: 7 }) }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(moves, fc.integer({ min: 5, max: 60 }), (list, limit) => {
        const place = makeWindow(limit);
        const taken: { at: number; amount: number }[] = [];
        let now = 1_700_000_000_000;
        for (const { waitMs, amount } of list) {
          now += waitMs;
          if (take(place, amount, now)) taken.push({ at: now, amount });
        }
        for (const { at } of taken) {
          const inSpan = taken.filter((other) => other.at >= at && other.at < at + 60_000);
          expect(inSpan.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it("admits the whole limit at once and again one step after the window", () => {
    const place = makeWindow(100);
    const admitted = (now: number): number =>
      Array.from({ length: 300 }, () => take(place, 1, now)).filter(Boolean).length;
    expect(admitted(1_000_000)).toBe(100);
    expect(admitted(1_060_999)).toBe(0);
    expect(admitted(1_061_000)).toBe(100);
  });

  it("says exactly when an amount fits", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (waits, amount) => {
        const place = makeWindow(10);
        let now = 5_000_000;
        for (const wait of waits) take(place, 3, (now += wait));
        const wait = msUntilFits(place, amount, now);
        if (wait > 1) expect(fitsRate({ ...place, cells: place.cells.slice() }, amount, now + wait - 1)).toBe(false);
        expect(fitsRate(place, amount, now + wait)).toBe(true);
      }),
    );
    expect(msUntilFits(makeWindow(10), 11, 1_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it("gives back what was reserved too much, and only while it still counts", () => {
    const place = makeWindow(1_000);
    const step = addToRate(place, 800, 1_000_000);
    correctRate(place, step, -500, 1_030_000);
    expect(readRate(place, 1_030_000).used).toBe(300);
    correctRate(place, step, -300, 1_300_000);
    expect(readRate(place, 1_300_000).used).toBe(0);
    correctRate(place, step, 40, 1_300_000);
    expect(readRate(place, 1_300_000).used).toBe(40);
  });

  it("keeps its count when the limit changes and forgets it when the window does", () => {
    const place = makeWindow(10);
    take(place, 8, 1_000_000);
    setRate(place, 5, 60_000);
    expect(readRate(place, 1_000_000)).toEqual({ used: 8, limit: 5 });
    setRate(place, 5, 1_000);
    expect(readRate(place, 1_000_000).used).toBe(0);
  });

  it("counts in the newest step when the clock goes back", () => {
    const place = makeWindow(10);
    take(place, 4, 2_000_000);
    expect(take(place, 7, 1_000_000)).toBe(false);
    expect(take(place, 6, 1_000_000)).toBe(true);
    expect(readRate(place, 2_000_000).used).toBe(10);
  });

  it("is repaired to the sum of its steps", () => {
    const place = makeWindow(10);
    take(place, 4, 2_000_000);
    place.cells[place.at + 3] = 99;
    repairRate(place);
    expect(readRate(place, 2_000_000).used).toBe(4);
  });
});
