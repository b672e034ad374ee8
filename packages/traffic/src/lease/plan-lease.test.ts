import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planLease, type LeaseSituation } from "./plan-lease.ts";

const BUSY: LeaseSituation = {
  limit: 60_000,
  atHand: 1_000,
  needed: 0,
  usedPerSecond: 1_000,
  takenPerSecond: 0,
  roundTripMs: 2,
  isContended: false,
  gateways: 3,
  isStanding: false,
};

describe("what is fetched ahead", () => {
  it("is a second's use, and the store is asked again when half of it is gone", () => {
    expect(planLease(BUSY)).toEqual({ wanted: 0, surplus: 0, lowWater: 500 });
    expect(planLease({ ...BUSY, atHand: 499 }).wanted).toBe(501);
  });

  it("lasts for two refills at the fastest pace of late, however slow the store is", () => {
    // 20,000 a second for 2 × 20 ms.
    const plan = planLease({ ...BUSY, takenPerSecond: 20_000, roundTripMs: 20, atHand: 799 });
    expect(plan).toEqual({ wanted: 801, surplus: 0, lowWater: 800 });
    expect(planLease({ ...BUSY, takenPerSecond: 20_000, roundTripMs: 1 }).lowWater).toBe(500);
  });

  it("is never more than a gateway's part of the limit, and nothing while others want it", () => {
    const amount = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.integer({ min: 1, max: 8 }),
        (limit, takenPerSecond, usedPerSecond, gateways) => {
          const situation = { ...BUSY, limit, takenPerSecond, usedPerSecond, gateways, atHand: 0, roundTripMs: 50 };
          const { wanted, lowWater } = planLease(situation);
          expect(wanted).toBeLessThanOrEqual(limit / (4 * gateways));
          expect(lowWater).toBeLessThanOrEqual(wanted);
          expect(planLease({ ...situation, isContended: true })).toMatchObject({ wanted: 0, lowWater: 0 });
        },
      ),
    );
  });
});
