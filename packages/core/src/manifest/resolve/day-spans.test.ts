import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDaySpan, resolveDaySpans } from "./day-spans.ts";

describe("spans of the day", () => {
  it("are joined, sorted, and cut at midnight", () => {
    expect(resolveDaySpans(["16:30-00:30", "02:00-03:00", "03:00-04:15", "23:00-24:00"])).toEqual([
      [0, 30],
      [120, 255],
      [990, 1_440],
    ]);
    expect(resolveDaySpans(["00:00-24:00"])).toEqual([[0, 1_440]]);
    expect(resolveDaySpans(["22:00-00:00"])).toEqual([[1_320, 1_440]]);
  });

  it("hold the very minutes that were written, and read the same when they are printed", () => {
    const minute = fc.integer({ min: 0, max: 1_439 });
    const written = fc.array(
      fc.tuple(minute, minute).filter(([from, to]) => from !== to),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(written, minute, (pairs, at) => {
        const spans = resolveDaySpans(pairs.map(formatDaySpan));
        const isIn = (list: readonly (readonly [number, number])[]): boolean =>
          list.some(([from, to]) => (from < to ? at >= from && at < to : at >= from || at < to));
        expect(isIn(spans)).toBe(isIn(pairs));
        expect(resolveDaySpans(spans.map(formatDaySpan))).toEqual(spans);
      }),
    );
  });
});
