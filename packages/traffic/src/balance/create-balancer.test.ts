import { BALANCE_ALGORITHMS } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BalanceCandidate } from "./balancer.ts";
import { createBalancer } from "./create-balancer.ts";

const candidateOf = (endpoint: number, part: Partial<BalanceCandidate> = {}): BalanceCandidate => ({
  endpoint,
  capacity: 8,
  weight: 1,
  inFlight: 0,
  loadAfter: 0.5,
  latencyMs: 0,
  ...part,
});

const pools = fc
  .array(
    fc.record({
      capacity: fc.integer({ min: 1, max: 64 }),
      weight: fc.constantFrom(0.5, 1, 2),
      inFlight: fc.integer({ min: 0, max: 100 }),
      loadAfter: fc.double({ min: 0.01, max: 3, noNaN: true }),
      latencyMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => parts.map((part, endpoint) => candidateOf(endpoint, part)));

/** How often each endpoint is chosen. */
function count(
  choose: (hash: number) => number,
  candidates: readonly BalanceCandidate[],
  times: number,
): readonly number[] {
  const counts = candidates.map(() => 0);
  for (let time = 0; time < times; time += 1) {
    const index = choose(time);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

describe.each(BALANCE_ALGORITHMS)("the balancer %s", (name) => {
  it("finds nothing in an empty pool and somebody in any other", () => {
    fc.assert(
      fc.property(pools, fc.nat(), fc.integer(), (pool, hash, seed) => {
        const balancer = createBalancer(name, seededRandom(seed));
        expect(balancer.name).toBe(name);
        expect(balancer.choose([], hash)).toBe(-1);
        expect(pool[balancer.choose(pool, hash)]).toBeDefined();
      }),
    );
  });

  it("chooses the same again from the same chance", () => {
    fc.assert(
      fc.property(pools, fc.array(fc.nat()), fc.integer(), (pool, hashes, seed) => {
        const [one, other] = [createBalancer(name, seededRandom(seed)), createBalancer(name, seededRandom(seed))];
        for (const hash of hashes) expect(one.choose(pool, hash)).toBe(other.choose(pool, hash));
      }),
    );
  });
});

describe("balancers that look for the least", () => {
  const least = [
    ["least-load", ({ loadAfter }: BalanceCandidate) => loadAfter],
    ["least-request", ({ inFlight, weight }: BalanceCandidate) => (inFlight + 1) / weight],
    [
      "least-latency",
      ({ inFlight, weight, latencyMs }: BalanceCandidate) => (Math.max(1e-3, latencyMs) * (inFlight + 1)) / weight,
    ],
  ] as const;

  it.each(least)("%s: nobody undercuts the chosen one", (name, scoreOf) => {
    fc.assert(
      fc.property(pools, fc.integer(), (pool, seed) => {
        const chosen = pool[createBalancer(name, seededRandom(seed)).choose(pool, 0)] as BalanceCandidate;
        expect(scoreOf(chosen)).toBe(Math.min(...pool.map(scoreOf)));
      }),
    );
  });

  it("draws among equals by their shares", () => {
    const pool = [candidateOf(0, { capacity: 24 }), candidateOf(1), candidateOf(2, { loadAfter: 0.6 })];
    const balancer = createBalancer("least-load", seededRandom(1));
    const [first, second, third] = count((hash) => balancer.choose(pool, hash), pool, 4_000);
    expect(first! / 4_000).toBeCloseTo(0.75, 1);
    expect(second! / 4_000).toBeCloseTo(0.25, 1);
    expect(third).toBe(0);
  });

  it("tries an endpoint of which no latency is known", () => {
    const pool = [candidateOf(0, { latencyMs: 1 }), candidateOf(1, { inFlight: 5 })];
    expect(createBalancer("least-latency", seededRandom(1)).choose(pool, 0)).toBe(1);
  });
});

describe("two choices", () => {
  it("never takes the worst of many", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: 5 }),
        fc.integer(),
        (loads, seed) => {
          const pool = loads.map((loadAfter, endpoint) => candidateOf(endpoint, { loadAfter }));
          const chosen = pool[createBalancer("two-choices", seededRandom(seed)).choose(pool, 0)];
          expect(chosen?.loadAfter).not.toBe(Math.max(...loads));
        },
      ),
    );
  });
});

describe("round robin", () => {
  it("gives everybody his share in every round and spreads it evenly", () => {
    const pool = [candidateOf(0, { capacity: 4 }), candidateOf(1, { capacity: 2 }), candidateOf(2, { capacity: 2 })];
    const balancer = createBalancer("round-robin", seededRandom(1));
    for (let round = 0; round < 5; round += 1) {
      const order = Array.from({ length: 4 }, () => balancer.choose(pool, 0));
      expect(count((time) => order[time] as number, pool, 4)).toEqual([2, 1, 1]);
    }
  });

  it("goes on when an endpoint leaves", () => {
    const pool = [candidateOf(0), candidateOf(1), candidateOf(2)];
    const balancer = createBalancer("round-robin", seededRandom(1));
    for (let turn = 0; turn < 7; turn += 1) balancer.choose(pool, 0);
    const rest = pool.slice(1);
    expect(count(() => balancer.choose(rest, 0), rest, 10)).toEqual([5, 5]);
  });
});

describe("random choice", () => {
  it("follows the shares", () => {
    const pool = [candidateOf(0, { capacity: 6 }), candidateOf(1, { capacity: 1, weight: 2 })];
    const balancer = createBalancer("random", seededRandom(1));
    const [first] = count(() => balancer.choose(pool, 0), pool, 4_000);
    expect(first! / 4_000).toBeCloseTo(0.75, 1);
  });
});

describe("the consistent hash", () => {
  const hash = createBalancer("consistent-hash", seededRandom(1));
  const pool = Array.from({ length: 10 }, (_, endpoint) => candidateOf(endpoint, { capacity: endpoint < 5 ? 16 : 8 }));

  it("spreads hashes by share", () => {
    const counts = count((value) => hash.choose(pool, value), pool, 30_000);
    for (const [endpoint, chosen] of counts.entries()) {
      expect(Math.abs(chosen / 30_000 - (endpoint < 5 ? 2 : 1) / 15)).toBeLessThan(0.01);
    }
  });

  it("moves only the hashes of an endpoint that leaves", () => {
    const rest = pool.filter(({ endpoint }) => endpoint !== 3);
    for (let value = 0; value < 2_000; value += 1) {
      const before = pool[hash.choose(pool, value)]?.endpoint;
      const after = rest[hash.choose(rest, value)]?.endpoint;
      if (before === 3) expect(after).not.toBe(3);
      else expect(after).toBe(before);
    }
  });

  it("passes over an endpoint that has 1.25 times its share", () => {
    const home = hash.choose(pool, 77);
    const full = pool.map((each, index) => ({ ...each, inFlight: index === home ? 40 : 2 }));
    const instead = hash.choose(full, 77);
    expect(instead).not.toBe(home);
    // It is the one that would have the hash if the full one were not there.
    const without = pool.filter((_, index) => index !== home);
    expect(full[instead]?.endpoint).toBe(without[hash.choose(without, 77)]?.endpoint);
  });
});
