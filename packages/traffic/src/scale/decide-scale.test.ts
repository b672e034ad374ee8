import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScaler, stabilisationMs, type ScalePolicy, type Scaler } from "./decide-scale.ts";
import type { PoolSample, ReplicaFacts } from "./pool-sample.ts";

const POLICY: ScalePolicy = { min: 1, max: 10, target: 0.75, windowMs: 10_000, downAfterMs: 60_000 };

function sample(at: number, change: Partial<PoolSample> = {}): PoolSample {
  const requests = (change.load ?? 0) + (change.backlog ?? 0);
  return { at, load: 0, backlog: 0, requests, arrived: 0, refused: 0, capacity: 4, serving: 1, ...change };
}

function facts(now: number, change: Partial<ReplicaFacts> = {}): ReplicaFacts {
  return { now, current: 1, coldStartMs: 2_000, room: Infinity, mayShrink: true, ...change };
}

/** The same look every second, from one time to another. */
function look(scaler: Scaler, fromMs: number, toMs: number, change: Partial<PoolSample> = {}): void {
  for (let at = fromMs; at <= toMs; at += 1_000) scaler.add(sample(at, change));
}

describe("how many replicas a pool should have", () => {
  it("is the load divided by the target and the capacity of one, backlog included", () => {
    const scaler = createScaler({ ...POLICY, max: 20 });
    // Σ wL = 16.25 · 4 = 65 (design §7), of which 5 wait in the gateway; w_new = 4 ÷ 3.
    look(scaler, 0, 10_000, { load: 60, backlog: 5, capacity: 4, serving: 3 });
    const { desired, evidence } = scaler.decide(facts(10_000, { current: 18 }));
    expect(evidence).toMatchObject({ wanted: 65, weightedAverageLoad: 16.25 });
    expect(desired).toBe(20);
  });

  it("counts endpoints of unlike capacity by their mean", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 10_000, { load: 12, capacity: 16, serving: 2 });
    expect(scaler.decide(facts(10_000, { current: 2 }))).toMatchObject({ desired: 2, evidence: { wanted: 2 } });
    look(scaler, 11_000, 21_000, { load: 16, capacity: 16, serving: 2 });
    expect(scaler.decide(facts(21_000, { current: 2 }))).toMatchObject({ desired: 3, rule: "load" });
  });

  it("does not start anything for a load a hair above its target", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 10_000, { load: 3.2 });
    expect(scaler.decide(facts(10_000))).toMatchObject({ desired: 1, rule: "hold", evidence: { wanted: 2 } });
  });

  it("says that it has no evidence before the first look, and when the looks are old", () => {
    const scaler = createScaler(POLICY);
    expect(scaler.decide(facts(0, { current: 3 }))).toEqual({ desired: 3, rule: "no-evidence" });
    look(scaler, 0, 1_000, { load: 40 });
    expect(scaler.decide(facts(9_000, { current: 3 }))).toEqual({ desired: 3, rule: "no-evidence" });
  });

  it("goes into its bounds at once, without evidence too", () => {
    const scaler = createScaler({ ...POLICY, min: 2 });
    expect(scaler.decide(facts(0, { current: 12 }))).toMatchObject({ desired: 10, rule: "bounds" });
    expect(scaler.decide(facts(0, { current: 1 }))).toMatchObject({ desired: 2, rule: "bounds" });
  });
});

describe("growing", () => {
  it("panics after two looks when twice as many are needed, long before its window is full", () => {
    const scaler = createScaler({ ...POLICY, windowMs: 60_000 });
    look(scaler, 0, 50_000, { load: 2, arrived: 20 });
    look(scaler, 51_000, 53_000, { load: 4, backlog: 2, arrived: 20 });
    expect(scaler.decide(facts(53_000)).desired).toBe(1);
    look(scaler, 54_000, 66_000, { load: 4, arrived: 200, backlog: 40 });
    expect(scaler.decide(facts(66_000))).toMatchObject({ rule: "panic" });
  });

  it("is held by its maximum, and by the room on the machine, and says which", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 10_000, { load: 4, backlog: 100 });
    expect(scaler.decide(facts(10_000, { current: 4 }))).toMatchObject({ desired: 10, limitedBy: "max" });
    expect(scaler.decide(facts(10_000, { current: 4, room: 2 }))).toMatchObject({ desired: 6, limitedBy: "room" });
    expect(scaler.decide(facts(10_000, { current: 4, room: 0 }))).toMatchObject({
      desired: 4,
      rule: "hold",
      limitedBy: "room",
    });
    expect(scaler.decide(facts(10_000, { current: 10 }))).toMatchObject({
      desired: 10,
      rule: "hold",
      limitedBy: "max",
    });
  });

  it("adds nobody for a pile that is gone before he could serve", () => {
    const pile = { load: 8, capacity: 8, serving: 2, arrived: 4, backlog: 20 };
    const decideFor = (coldStartMs: number): ReturnType<Scaler["decide"]> => {
      const scaler = createScaler(POLICY);
      // 4 requests a second of 1 s each: half of two replicas. Then a pile of 24 requests: 6 s of what is left over.
      look(scaler, 0, 30_000, { ...pile, load: 4, backlog: 0 });
      look(scaler, 31_000, 42_000, pile);
      return scaler.decide(facts(42_000, { current: 2, coldStartMs }));
    };
    expect(decideFor(30_000)).toMatchObject({
      desired: 2,
      rule: "hold",
      evidence: { drainMs: expect.closeTo(6_000, 3) },
    });
    expect(decideFor(1_000)).toMatchObject({ desired: 3, rule: "drain" });
  });

  it("does not take a pile for what comes anew each second", () => {
    const scaler = createScaler({ ...POLICY, max: 100 });
    look(scaler, 0, 30_000, { load: 2, arrived: 20 });
    // Three times as much comes: 6 places of work, 4 are there; after a minute 200 requests have piled up.
    for (let second = 1; second <= 60; second += 1) {
      scaler.add(sample(30_000 + second * 1_000, { load: 4, arrived: 60, backlog: second * 20 }));
    }
    const { desired } = scaler.decide(facts(90_000, { coldStartMs: 60_000 }));
    expect(desired).toBeLessThanOrEqual(7);
    expect(desired).toBeGreaterThanOrEqual(2);
  });

  it("counts what was turned away as load", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 30_000, { load: 2, arrived: 20 });
    look(scaler, 31_000, 41_000, { load: 4, arrived: 100, refused: 60 });
    expect(scaler.decide(facts(41_000)).evidence).toMatchObject({ offered: 10, wanted: 4 });
  });
});

describe("the unit of capacity", () => {
  /** Six replicas of 96 places, and a pile: in requests, or in replicas, or in anything else. */
  function decideIn(unit: number): ReturnType<Scaler["decide"]> {
    const scaler = createScaler(POLICY);
    const pool = { capacity: 576 * unit, serving: 6, arrived: 40 };
    look(scaler, 0, 30_000, { ...pool, load: 400 * unit, requests: 400 });
    look(scaler, 31_000, 42_000, { ...pool, load: 576 * unit, backlog: 9_600 * unit, requests: 10_176 });
    return scaler.decide(facts(42_000, { current: 6, coldStartMs: 90_000 }));
  }

  it("changes no decision and no time, and a pile is told in requests", () => {
    const [inRequests, ...others] = [1, 1 / 96, 37].map(decideIn) as [ReturnType<Scaler["decide"]>];
    expect(inRequests).toMatchObject({ rule: "panic", desired: 10 });
    // 9,776 requests too many, 10 s of a place each, 176 places left over.
    expect(inRequests.evidence?.drainMs).toBeCloseTo((9_776 * 10_000) / 176, -3);
    for (const { evidence, ...decision } of others as ReturnType<Scaler["decide"]>[]) {
      expect(decision).toEqual({ rule: inRequests.rule, desired: inRequests.desired, limitedBy: inRequests.limitedBy });
      for (const name of ["drainMs", "excess", "weightedAverageLoad", "wanted"] as const) {
        expect(evidence?.[name]).toBeCloseTo(inRequests.evidence?.[name] as number, 6);
      }
    }
  });
});

describe("shrinking", () => {
  const idle = { load: 0.4, capacity: 32, serving: 8 };

  it("waits for the whole window, then goes by half at a time", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 50_000, idle);
    expect(scaler.decide(facts(50_000, { current: 8 })).desired).toBe(8);
    look(scaler, 51_000, 60_000, idle);
    expect(scaler.decide(facts(60_000, { current: 8 }))).toMatchObject({ desired: 4, rule: "shrink" });
    look(scaler, 61_000, 65_000, idle);
    expect(scaler.decide(facts(65_000, { current: 4 })).desired).toBe(4);
    look(scaler, 66_000, 71_000, idle);
    expect(scaler.decide(facts(71_000, { current: 4 })).desired).toBe(2);
  });

  it("keeps what was needed at any time of the window", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 60_000, idle);
    look(scaler, 61_000, 91_000, { ...idle, load: 16 });
    look(scaler, 92_000, 140_000, idle);
    expect(scaler.decide(facts(140_000, { current: 8 })).desired).toBe(6);
  });

  it("keeps what it has just added for the whole window, however low the load falls", () => {
    const scaler = createScaler({ ...POLICY, downAfterMs: 20_000 });
    look(scaler, 0, 60_000, { load: 0.4 });
    look(scaler, 61_000, 66_000, { load: 12 });
    expect(scaler.decide(facts(66_000)).desired).toBeGreaterThan(2);
    look(scaler, 67_000, 84_000, { load: 0.4, capacity: 16, serving: 4 });
    expect(scaler.decide(facts(84_000, { current: 4 })).desired).toBe(4);
    look(scaler, 85_000, 100_000, { load: 0.4, capacity: 16, serving: 4 });
    expect(scaler.decide(facts(100_000, { current: 4 })).desired).toBe(2);
  });

  it("does not go below what is needed now, however low the mean of before", () => {
    const scaler = createScaler({ ...POLICY, downAfterMs: 10_000 });
    look(scaler, 0, 60_000, { load: 0.4, capacity: 16, serving: 4 });
    look(scaler, 61_000, 72_000, { load: 9, capacity: 16, serving: 4 });
    expect(scaler.decide(facts(72_000, { current: 4 })).desired).toBe(4);
  });

  it("takes nobody away whose removal would bring the rest near the target", () => {
    const scaler = createScaler(POLICY);
    // 6 of 12 places: two replicas would stand at the target of 0.75 exactly.
    look(scaler, 0, 60_000, { load: 6, capacity: 12, serving: 3 });
    expect(scaler.decide(facts(60_000, { current: 3 })).desired).toBe(3);
    look(scaler, 61_000, 160_000, { load: 5, capacity: 12, serving: 3 });
    expect(scaler.decide(facts(160_000, { current: 3 })).desired).toBe(2);
  });

  it("takes nothing away while instances are replaced, and none below the minimum", () => {
    const scaler = createScaler({ ...POLICY, min: 5 });
    look(scaler, 0, 90_000, idle);
    expect(scaler.decide(facts(90_000, { current: 8, mayShrink: false })).desired).toBe(8);
    expect(scaler.decide(facts(90_000, { current: 8 })).desired).toBe(5);
  });

  it("does not trust a window with a gap in it", () => {
    const scaler = createScaler(POLICY);
    look(scaler, 0, 30_000, idle);
    look(scaler, 50_000, 70_000, idle);
    expect(scaler.decide(facts(70_000, { current: 8 })).desired).toBe(8);
  });

  it("follows the measured start unless a window is set", () => {
    const { downAfterMs: _set, ...policy } = POLICY;
    expect([1_000, 80_000, 600_000].map((coldStartMs) => stabilisationMs(policy, coldStartMs))).toEqual([
      60_000, 120_000, 300_000,
    ]);
    expect(stabilisationMs(POLICY, 600_000)).toBe(60_000);
  });
});

it("stays within its bounds and the room, whatever is seen", () => {
  const looks = fc.array(
    fc.record({
      load: fc.double({ min: 0, max: 500, noNaN: true }),
      backlog: fc.double({ min: 0, max: 500, noNaN: true }),
      arrived: fc.integer({ min: 0, max: 5_000 }),
      serving: fc.integer({ min: 0, max: 12 }),
      room: fc.integer({ min: 0, max: 3 }),
      stepMs: fc.integer({ min: 1, max: 30_000 }),
    }),
    { minLength: 1, maxLength: 150 },
  );
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 5 }), (all, min) => {
      const policy = { ...POLICY, min };
      const scaler = createScaler(policy);
      let current = min;
      let at = 0;
      for (const { room, stepMs, ...seen } of all) {
        at += stepMs;
        scaler.add(sample(at, { ...seen, capacity: seen.serving * 4 }));
        const { desired, rule } = scaler.decide(facts(at, { current, room }));
        expect(Number.isInteger(desired)).toBe(true);
        expect(desired).toBeGreaterThanOrEqual(min);
        expect(desired).toBeLessThanOrEqual(Math.min(policy.max, current + room));
        if (desired < current) expect(rule).toBe("shrink");
        current = desired;
      }
    }),
  );
});
