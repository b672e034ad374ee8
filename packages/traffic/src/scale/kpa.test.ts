import { expect, it } from "vitest";
import { createKpa } from "./kpa.ts";
import type { PoolSample, ReplicaFacts } from "./pool-sample.ts";

const sample = (at: number, load: number, serving = 2): PoolSample => ({
  at,
  load,
  backlog: 0,
  requests: load,
  arrived: 0,
  refused: 0,
  capacity: serving * 10,
  serving,
});
const facts = (now: number, current: number): ReplicaFacts => ({
  now,
  current,
  coldStartMs: 0,
  room: Infinity,
  mayShrink: true,
});

it("divides the mean of a minute by the target", () => {
  const kpa = createKpa({ min: 1, max: 10, target: 0.7 });
  for (let at = 0; at <= 60_000; at += 1_000) kpa.add(sample(at, 18));
  expect(kpa.decide(facts(60_000, 2))).toBe(3);
});

it("panics by the last six seconds, and takes nothing away until a minute went by", () => {
  const kpa = createKpa({ min: 1, max: 20, target: 0.7 });
  for (let at = 0; at <= 60_000; at += 1_000) kpa.add(sample(at, 5));
  for (let at = 61_000; at <= 66_000; at += 1_000) kpa.add(sample(at, 60));
  expect(kpa.decide(facts(66_000, 2))).toBe(9);
  for (let at = 67_000; at <= 120_000; at += 1_000) kpa.add(sample(at, 5, 9));
  expect(kpa.decide(facts(120_000, 9))).toBe(9);
  expect(kpa.decide(facts(126_000, 9))).toBeLessThan(9);
});
