// What the breaker promises in numbers, measured by simulation with fixed seeds.
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { breakerFailed, breakerPermission, breakerSucceeded, createBreaker, enterBreaker } from "./breaker.ts";

interface Simulation {
  readonly endpoints: number;
  /** Share of failures of an endpoint; `step` is negative while it has a past. */
  readonly rateOf: (endpoint: number, step: number) => number;
  readonly steps: number;
  readonly pastSteps: number;
  readonly seed: number;
}

/** Ejections as [endpoint, how many requests it had got since step 0]. */
function simulate({ endpoints, rateOf, steps, pastSteps, seed }: Simulation): [number, number][] {
  const random = seededRandom(seed);
  const pool = Array.from({ length: endpoints }, () => createBreaker());
  const received = pool.map(() => 0);
  const ejections: [number, number][] = [];
  for (let step = -pastSteps; step < steps; step += 1) {
    const now = (step + pastSteps) * 5;
    const index = Math.floor(random() * endpoints);
    const breaker = pool[index] as (typeof pool)[number];
    if (breakerPermission(breaker, now) === "refuse") continue;
    const ticket = enterBreaker(breaker, now, 10_000);
    if (step >= 0) received[index] = (received[index] ?? 0) + 1;
    if (random() >= rateOf(index, step)) breakerSucceeded(breaker, ticket, now);
    else if (breakerFailed(breaker, ticket, "failing", { now, random, pool }) && step >= 0) {
      ejections.push([index, received[index] ?? 0]);
    }
  }
  return ejections;
}

function lengthsUntilEjection(endpoints: number, base: number, burst: number): number[] {
  return Array.from({ length: 300 }, (_, seed) => {
    const rateOf = (endpoint: number, step: number) => (step >= 0 && endpoint === 0 ? burst : base);
    const found = simulate({ endpoints, rateOf, steps: endpoints * 150, pastSteps: endpoints * 300, seed: seed + 1 });
    return found.find(([endpoint]) => endpoint === 0)?.[1] ?? Number.POSITIVE_INFINITY;
  }).toSorted((a, b) => a - b);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the breaker, in numbers", () => {
  it.each([
    [1, 10],
    [2, 11],
    [4, 10],
  ])("finds 50 %% of errors after a clean past, in a pool of %i within %i requests on average", (endpoints, bound) => {
    const lengths = lengthsUntilEjection(endpoints, 0, 0.5);
    expect(mean(lengths)).toBeLessThan(bound);
    expect(lengths[Math.floor(lengths.length * 0.95)]).toBeLessThanOrEqual(20);
  });

  it("finds an endpoint that always fails at the fourth or fifth request, and 20 % of errors within 40 on average", () => {
    expect(mean(lengthsUntilEjection(1, 0.01, 1))).toBeLessThan(4.5);
    expect(mean(lengthsUntilEjection(1, 0.01, 0.2))).toBeLessThan(40);
  });

  it.each([1, 4])("ejects at most twice in a million requests at a steady 1 %% of errors (pool of %i)", (endpoints) => {
    const ejections = simulate({ endpoints, rateOf: () => 0.01, steps: 1_000_000, pastSteps: 0, seed: 42 });
    expect(ejections.length).toBeLessThanOrEqual(2);
  });

  it("learns the rate of an endpoint that always failed now and then", () => {
    const ejections = simulate({ endpoints: 1, rateOf: () => 0.05, steps: 300_000, pastSteps: 5_000, seed: 9 });
    expect(ejections.length).toBeLessThan(6);
  });

  it("leaves a pool alone whose endpoints all begin to fail alike", () => {
    for (const rate of [0.5, 0.9, 1]) {
      let ejections = 0;
      for (let seed = 1; seed <= 100; seed += 1) {
        const rateOf = (_: number, step: number) => (step < 0 ? 0.005 : rate);
        ejections += simulate({ endpoints: 3, rateOf, steps: 600, pastSteps: 900, seed }).length;
      }
      // Without the peers each run has five to six of them.
      expect(ejections / 100).toBeLessThan(0.1);
    }
  });

  it("ejects at most half of a pool by evidence", () => {
    const rateOf = (endpoint: number, step: number) => (step >= 0 && endpoint < 5 ? 1 : 0);
    const random = seededRandom(5);
    const pool = Array.from({ length: 6 }, () => createBreaker());
    for (let step = -600; step < 6_000; step += 1) {
      const now = step + 600;
      const index = Math.floor(random() * 6);
      const breaker = pool[index] as (typeof pool)[number];
      if (breakerPermission(breaker, now) === "refuse") continue;
      const ticket = enterBreaker(breaker, now, 10_000);
      if (random() < rateOf(index, step)) breakerFailed(breaker, ticket, "failing", { now, random, pool });
      else breakerSucceeded(breaker, ticket, now);
      expect(pool.filter(({ phase }) => phase !== "closed").length).toBeLessThanOrEqual(3);
    }
    expect(pool.some(({ phase }) => phase !== "closed")).toBe(true);
  });
});
