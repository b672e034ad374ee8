import { expect, it } from "vitest";
import { createUsageHistory, USAGE_WINDOW_MS } from "./usage-history.ts";
import { quantilesOf } from "./quantiles-of.ts";

it("keeps a window of measurements by place, over restarts of the instance", () => {
  const history = createUsageHistory();
  history.add("api/0", { at: 0, cpus: undefined, memoryBytes: 1 });
  history.add("api/0", { at: 2_000, cpus: 0.5, memoryBytes: 2 });
  history.add("api/1", { at: 2_000, cpus: undefined, memoryBytes: 9 });
  expect(history.of("api/0", 2_000)).toEqual({ at: [0, 2_000], cpus: [0.5], memoryBytes: [1, 2] });
  expect(history.of("api/0", USAGE_WINDOW_MS + 1)?.memoryBytes).toEqual([2]);
  expect(history.of("api/0", USAGE_WINDOW_MS + 2_001)).toBeUndefined();
  expect(history.of("web/0", 0)).toBeUndefined();
});

it("is bounded in measurements and places; the place that was silent longest goes first", () => {
  const history = createUsageHistory();
  for (let at = 0; at < 600; at += 1) history.add("api/0", { at, cpus: at, memoryBytes: at });
  expect(history.of("api/0", 600)?.at).toHaveLength(500);
  for (let place = 0; place < 999; place += 1) history.add(`p/${place}`, { at: 0, cpus: 0, memoryBytes: 0 });
  history.add("api/0", { at: 600, cpus: 0, memoryBytes: 0 });
  history.add("new/0", { at: 600, cpus: 0, memoryBytes: 0 });
  expect(history.of("p/0", 0)).toBeUndefined();
  expect(history.of("api/0", 600)).toBeDefined();
});

it("takes quantiles by the nearest rank", () => {
  expect(quantilesOf([])).toBeUndefined();
  expect(quantilesOf([3])).toEqual({ now: 3, p50: 3, p95: 3, max: 3 });
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantilesOf(values)).toEqual({ now: 1, p50: 50, p95: 95, max: 100 });
});
