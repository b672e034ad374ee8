import { expect, it } from "vitest";
import { queueCountsBytes, wrapQueueCounts } from "./queue-counts.ts";

it("counts those who wait over all workers, by class, and forgets those of a dead one", () => {
  const memory = new SharedArrayBuffer(queueCountsBytes(3));
  const [one, two] = [wrapQueueCounts(memory, 3), wrapQueueCounts(memory, 3)];
  one.add(0, 5, 1, 1);
  one.add(1, 5, 2, 1);
  one.add(1, 5, 0, 1);
  expect([two.any(5), two.any(4), two.from(5, 0), two.from(5, 1), two.from(5, 2)]).toEqual([true, false, 3, 2, 1]);
  two.clearRow(1);
  expect(one.from(5, 0)).toBe(1);
  one.add(0, 5, 1, -1);
  expect(two.any(5)).toBe(false);
});

it("rings once until it was heard", () => {
  const memory = new SharedArrayBuffer(queueCountsBytes(1));
  const counts = wrapQueueCounts(memory, 1);
  expect([counts.ring(), counts.ring()]).toEqual([true, false]);
  counts.heard();
  expect(counts.ring()).toBe(true);
});
