// A small simulation of a pool under a steady load: what share each endpoint gets.
import { describe, expect, it } from "vitest";
import { averageLoadOf, sumPoolLoad } from "../load/sum-pool-load.ts";
import { loadOf, type Candidate } from "./candidate.ts";
import { chooseLeastOwnLoad } from "./least-own-load.ts";
import { chooseOfTwo } from "./two-choices.ts";

type Choose = (candidates: readonly Candidate[], random: () => number) => number;

interface Running {
  endAt: number;
  endpoint: number;
}

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Poisson arrivals, exponential service of mean 1; capacity only counts as the unit of load. */
function simulate(
  choose: Choose,
  capacities: readonly number[],
  meanInFlight: number,
): { shares: number[]; load: number } {
  const random = seededRandom(42);
  const pool = capacities.map((capacity) => ({ capacity, weight: 1, inFlight: 0 }));
  const placed = capacities.map(() => 0);
  let running: Running[] = [];
  let now = 0;
  let loadSum = 0;
  const total = 30_000;
  for (let arrival = 0; arrival < total; arrival += 1) {
    now += -Math.log(1 - random()) / meanInFlight;
    for (const { endpoint } of running.filter(({ endAt }) => endAt <= now)) {
      (pool[endpoint] as { inFlight: number }).inFlight -= 1;
    }
    running = running.filter(({ endAt }) => endAt > now);
    const parts = pool.map((candidate) => ({ ...candidate, slots: candidate.capacity, load: loadOf(candidate) }));
    loadSum += averageLoadOf(sumPoolLoad(parts, 0));
    const endpoint = choose(pool, random);
    (pool[endpoint] as { inFlight: number }).inFlight += 1;
    placed[endpoint] = (placed[endpoint] ?? 0) + 1;
    running.push({ endAt: now - Math.log(1 - random()), endpoint });
  }
  return { shares: placed.map((count) => count / total), load: loadSum / total };
}

describe.each([
  ["least own load", chooseLeastOwnLoad],
  ["two choices", chooseOfTwo],
] as const)("placement by %s with capacities 16, 8, 8", (_name, choose) => {
  it.each([12, 18, 24, 31])("gives shares of 2:1:1 within 5 % at %i requests in flight", (mean) => {
    const { shares, load } = simulate(choose, [16, 8, 8], mean);
    expect(load).toBeGreaterThan(0.3);
    for (const [index, wanted] of [0.5, 0.25, 0.25].entries()) {
      expect(Math.abs((shares[index] as number) - wanted) / wanted).toBeLessThan(0.05);
    }
  });

  it("gives the larger endpoint more than its share when there is little to do", () => {
    const { shares, load } = simulate(choose, [16, 8, 8], 2);
    expect(load).toBeLessThan(0.3);
    expect(shares[0]).toBeGreaterThan(0.5);
  });
});

describe("placement by two choices in a larger pool", () => {
  const capacities = [16, 8, 8, 16, 8, 8, 16, 8, 8];

  it.each([60, 72, 93])("gives each size its share within 5 % from half load up, at %i in flight", (mean) => {
    const { shares } = simulate(chooseOfTwo, capacities, mean);
    const large = shares.filter((_share, index) => capacities[index] === 16);
    const sum = large.reduce((total, share) => total + share, 0);
    expect(Math.abs(sum - 0.5) / 0.5).toBeLessThan(0.05);
    for (const share of large) expect(Math.abs(share - 1 / 6) * 6).toBeLessThan(0.06);
  });
});
