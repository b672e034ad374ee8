import { expect, it } from "vitest";
import { createHpa } from "./hpa.ts";
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

it("multiplies by metric ÷ target every 15 s, and tolerates a tenth", () => {
  const hpa = createHpa({ min: 1, max: 10, target: 0.5 });
  hpa.add(sample(0, 20));
  expect(hpa.decide(facts(0, 2))).toBe(4);
  hpa.add(sample(10_000, 100));
  expect(hpa.decide(facts(10_000, 4))).toBe(4);
  hpa.add(sample(15_000, 10.9));
  expect(hpa.decide(facts(15_000, 2))).toBe(2);
});

it("goes down only to the highest wish of five minutes", () => {
  const hpa = createHpa({ min: 1, max: 10, target: 0.5 });
  hpa.add(sample(0, 15));
  expect(hpa.decide(facts(0, 2))).toBe(3);
  for (let at = 15_000; at < 300_000; at += 15_000) {
    hpa.add(sample(at, 1));
    expect(hpa.decide(facts(at, 3))).toBe(3);
  }
  hpa.add(sample(300_000, 1));
  expect(hpa.decide(facts(300_000, 3))).toBe(1);
});
