import { DEFAULT_SCHEDULE, NO_LIMITS } from "@flyball/core";
import { createPrefixIndex, DEFAULT_AFFINITY, DEFAULT_ORDER } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import { snapshot } from "../testdata/snapshots.ts";
import { affinityOfPool, orderOfPool, tenantWeightsOf, type TenantWeights } from "./pool-knobs.ts";

const NOBODY: TenantWeights = new Map();
const prefixes = createPrefixIndex({ endpoints: 1 });

describe("the knobs of a pool", () => {
  it("are those of the scheduler where nothing is said", () => {
    const { classWeights, withinTenant } = DEFAULT_ORDER;
    for (const knobs of [{ balance: undefined }, { balance: undefined, schedule: {} }]) {
      expect(orderOfPool(knobs, NOBODY)).toMatchObject({ classWeights, withinTenant });
      expect(affinityOfPool(knobs, prefixes)).toEqual({ prefixes, affinity: DEFAULT_AFFINITY });
    }
    expect([classWeights, withinTenant.kind]).toEqual([[8, 4, 2], "shortest"]);
  });

  it("name the order, and the weights of classes with the highest first", () => {
    const orderBy = (schedule: Parameters<typeof orderOfPool>[0]["schedule"]) =>
      orderOfPool({ balance: undefined, schedule }, NOBODY);
    expect(orderBy({ classWeights: { low: 7 } }).classWeights).toEqual([8, 4, 7]);
    expect(orderBy({ order: "arrival" }).withinTenant).toEqual({ kind: "arrival" });
    expect(orderBy({ order: "boost", gammaPerSecond: 0.5 }).withinTenant).toEqual({
      kind: "boost",
      gammaPerSecond: 0.5,
    });
    const { gammaPerSecond } = DEFAULT_SCHEDULE;
    expect(orderBy({ order: "boost" }).withinTenant).toEqual({ kind: "boost", gammaPerSecond });
  });

  it("name from when on a prompt is known, and whether anybody looks at prompts", () => {
    const knobs = { balance: undefined, schedule: { prefixThreshold: 0.5 } };
    expect(affinityOfPool(knobs, prefixes)).toEqual({ prefixes, affinity: { ...DEFAULT_AFFINITY, matchShare: 0.5 } });
    const off = { balance: undefined, schedule: { hasPrefixAffinity: false } };
    expect(affinityOfPool(off, prefixes).prefixes).toBeUndefined();
  });

  it("go with the weights of tenants, whatever those are called", () => {
    const tenants = ["acme", "constructor"].map((id) => ({ id, limits: NO_LIMITS, weight: 3 }));
    const weights = tenantWeightsOf(snapshot(1, { tenants: [...tenants, { id: "other", limits: NO_LIMITS }] }));
    const { tenantWeight } = orderOfPool({ balance: undefined }, weights);
    expect(["acme", "constructor", "other", "toString", ""].map(tenantWeight)).toEqual([3, 3, 1, 1, 1]);
  });
});
