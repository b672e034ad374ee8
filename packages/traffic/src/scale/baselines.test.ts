// The scaler against what is used elsewhere, in one simulated pool: at least the same share of requests in time with 15 % fewer replica-hours.
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { countFlaps } from "./count-flaps.ts";
import { createScaler } from "./decide-scale.ts";
import { createHpa } from "./hpa.ts";
import { createKpa } from "./kpa.ts";
import { simulatePool, type AnyScaler, type PoolOutcome, type PoolScenario } from "./testdata/simulate-pool.ts";

const BOUNDS = { min: 1, max: 40 };
const MINUTE_MS = 60_000;

/** Three times the load for a minute, every twenty minutes. */
const burst = (base: number) => (at: number) =>
  at % (20 * MINUTE_MS) >= 5 * MINUTE_MS && at % (20 * MINUTE_MS) < 6 * MINUTE_MS ? 3 * base : base;

const SCENARIOS: Readonly<Record<string, Omit<PoolScenario, "random">>> = {
  "a web service that starts in two seconds": {
    durationMs: 40 * MINUTE_MS,
    rate: burst(60),
    serviceMs: 100,
    concurrency: 4,
    coldStartMs: 2_000,
    objectiveMs: 1_000,
    initial: 3,
  },
  "an engine that starts in a minute": {
    durationMs: 40 * MINUTE_MS,
    rate: burst(6),
    serviceMs: 10_000,
    concurrency: 32,
    coldStartMs: MINUTE_MS,
    objectiveMs: 2_000,
    initial: 3,
  },
};

function ours(target: number): AnyScaler {
  const scaler = createScaler({ ...BOUNDS, target, windowMs: 10_000 });
  return { add: scaler.add, decide: (facts) => scaler.decide(facts).desired };
}

function run(scenario: Omit<PoolScenario, "random">, make: () => AnyScaler): PoolOutcome {
  const runs = [1, 2].map((seed) => simulatePool({ ...scenario, random: seededRandom(seed) }, make()));
  const mean = (pick: (outcome: PoolOutcome) => number): number =>
    runs.reduce((sum, outcome) => sum + pick(outcome), 0) / runs.length;
  return {
    requests: mean(({ requests }) => requests),
    attainment: mean(({ attainment }) => attainment),
    replicaHours: mean(({ replicaHours }) => replicaHours),
    changes: runs.flatMap(({ changes }) => changes),
    most: Math.max(...runs.map(({ most }) => most)),
  };
}

describe.each(Object.entries(SCENARIOS))("%s, with bursts", (_name, scenario) => {
  const own = [0.45, 0.55, 0.65, 0.75].map((target) => run(scenario, () => ours(target)));

  it.each([
    ["a queue-length HPA", () => createHpa({ ...BOUNDS, target: 0.7 })],
    ["a KPA", () => createKpa({ ...BOUNDS, target: 0.7 })],
  ])("serves as many in time as %s with 15 % fewer replica-hours", (_baseline, make) => {
    const baseline = run(scenario, make);
    const asGood = own.filter(({ attainment }) => attainment >= baseline.attainment);
    const least = Math.min(...asGood.map(({ replicaHours }) => replicaHours));
    expect(least).toBeLessThanOrEqual(0.85 * baseline.replicaHours);
  });

  it("hardly flaps", () => {
    const flaps = own.map(({ changes }) => countFlaps(changes, 5 * MINUTE_MS));
    expect(Math.min(...flaps)).toBeLessThanOrEqual(1);
  });
});
