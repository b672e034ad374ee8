import fc from "fast-check";
import { expect, it } from "vitest";
import { createCallIds } from "./call-ids.ts";

it("makes ids that no two calls share, on any worker and in any life, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { maxLength: 200 }), (calls) => {
      const workers = [createCallIds(), createCallIds(), createCallIds()];
      const ids = calls.map(([worker, now]) => workers[worker]?.(now));
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

it("sorts by time to the millisecond, from today to the year 5188", () => {
  const next = createCallIds();
  const times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, Date.UTC(2058, 0, 1), Date.UTC(5188, 0, 1)];
  const ids = times.map((time) => next(time));
  expect(ids.toSorted()).toEqual(ids);
});

it("stands in JSON as it is", () => {
  expect(createCallIds()(Date.now())).toMatch(/^[0-9a-z-]{20,60}$/);
});
