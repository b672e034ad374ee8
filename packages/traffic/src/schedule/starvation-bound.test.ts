// The promise to a tenant that asks for no more than its fair share: in the mean it waits no longer than twice what it would wait if all were
// served in order of arrival, whatever the others do.
import { describe, expect, it } from "vitest";
import type { OrderOptions } from "./order/order-options.ts";
import { serveQueue } from "./testdata/serve-queue.ts";
import { tenantMix, type TenantMix } from "./testdata/tenant-mix.ts";

const BY_ARRIVAL: Partial<OrderOptions> = { withinTenant: { kind: "arrival" }, waitRatio: Number.POSITIVE_INFINITY };
/** A mean of fewer waits says little: one that is granted just before a rival comes waits for nothing. */
const LEAST_REQUESTS = 30;
const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1);

interface TenantWaits {
  readonly label: string;
  readonly ours: number;
  readonly byArrival: number;
}

/** Mean waits of the tenants within their fair share, against one queue in order of arrival. */
function fairTenants(mix: TenantMix, order: Partial<OrderOptions>, seed: number): readonly TenantWaits[] {
  const ours = serveQueue(mix, order);
  const one = { ...mix, requests: mix.requests.map((request) => ({ ...request, tenant: "" })) };
  const byArrival = serveQueue(one, BY_ARRIVAL);
  const fairShare = (mix.slots * mix.spanMs) / mix.offered.size;
  return [...mix.offered].flatMap(([tenant, offered]) => {
    const mine = mix.requests.filter((request) => request.tenant === tenant);
    if (offered > fairShare || mine.length < LEAST_REQUESTS) return [];
    const meanOf = (waits: Float64Array): number =>
      mine.reduce((sum, { id }) => sum + (waits[id] as number), 0) / mine.length;
    return [{ label: `${tenant} of seed ${seed}`, ours: meanOf(ours), byArrival: meanOf(byArrival) }];
  });
}

describe("a tenant within its fair share", () => {
  it("waits in the mean no longer than twice what it would wait in order of arrival", () => {
    const waits = SEEDS.flatMap((seed) => fairTenants(tenantMix(seed), {}, seed));
    expect(waits.length).toBeGreaterThan(40);
    for (const { label, ours, byArrival } of waits) expect(ours, label).toBeLessThanOrEqual(2 * byArrival + 0.01);
    const sum = (part: "ours" | "byArrival"): number => waits.reduce((total, each) => total + each[part], 0);
    expect(sum("ours")).toBeLessThan(0.3 * sum("byArrival"));
  }, 60_000);

  it("is kept from it by the guard alone where nobody leaves room to others", () => {
    const isBroken = (order: Partial<OrderOptions>): boolean =>
      fairTenants(tenantMix(264), order, 264).some(({ ours, byArrival }) => ours > 2 * byArrival);
    expect(isBroken({ waitRatio: Number.POSITIVE_INFINITY, headroom: 0 })).toBe(true);
    expect(isBroken({ headroom: 0 })).toBe(false);
  }, 60_000);
});
