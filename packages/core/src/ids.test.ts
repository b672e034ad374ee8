import * as fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock, type Clock } from "./clock.ts";
import { createId } from "./ids.ts";

function clockAt(now: number): Clock {
  return { ...systemClock, now: () => now };
}

test("an id has its prefix, the time and four characters", () => {
  expect(createId("inc", clockAt(1_700_000_000_000), () => 0)).toBe(`inc_${(1_700_000_000_000).toString(36)}_0000`);
  expect(createId("inc", clockAt(0.9), () => 0.999_999_9)).toMatch(/^inc_0_[0-9a-z]{4}$/);
});

test("ids of later times sort after earlier ones, as text, whatever chance adds", () => {
  const time = fc.integer({ min: 1_600_000_000_000, max: 2_500_000_000_000 });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(time, time, chance, chance, (first, second, one, other) => {
      fc.pre(first < second);
      expect(createId("x", clockAt(first), () => one) < createId("x", clockAt(second), () => other)).toBe(true);
    }),
  );
});

test("the tail has four characters for any number that chance gives", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
      expect(createId("x", clockAt(0), () => chance)).toMatch(/^x_0_[0-9a-z]{4}$/);
    }),
  );
});
