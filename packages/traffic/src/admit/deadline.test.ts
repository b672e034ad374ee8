import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDeadline, shortenDeadline, writeDeadline } from "./deadline.ts";

const MOMENT = { now: 1_800_000_000_000, monotonic: 5_000 };

describe("a deadline", () => {
  it("is read from wall time and is none for nonsense", () => {
    expect(readDeadline(String(MOMENT.now + 300), MOMENT)).toBe(5_300);
    const nonsense = [undefined, "", "-5", "1e9", "soon", "9".repeat(16)];
    expect(nonsense.map((value) => readDeadline(value, MOMENT))).toEqual(nonsense.map(() => Number.POSITIVE_INFINITY));
  });

  it("goes on shortened by five percent, at most 100 ms", () => {
    expect(writeDeadline(6_000, MOMENT)).toBe(String(MOMENT.now + 950));
    expect(writeDeadline(65_000, MOMENT)).toBe(String(MOMENT.now + 59_900));
    expect(writeDeadline(Number.POSITIVE_INFINITY, MOMENT)).toBeUndefined();
  });

  it("is shorter at each hop and never passes because of the hops alone", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e8, noNaN: true }), fc.integer({ min: 1, max: 10 }), (leftMs, hops) => {
        let deadlineAt = MOMENT.monotonic + leftMs;
        for (let hop = 0; hop < hops; hop += 1) {
          const next = shortenDeadline(deadlineAt, MOMENT.monotonic);
          expect(next).toBeLessThanOrEqual(deadlineAt);
          expect(next).toBeGreaterThanOrEqual(MOMENT.monotonic);
          deadlineAt = next;
        }
      }),
    );
  });

  it("that has passed stays passed", () => {
    expect(shortenDeadline(4_000, 5_000)).toBe(4_000);
  });
});
