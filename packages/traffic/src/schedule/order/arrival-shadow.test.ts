import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { owedAt, shadowArrival, shadowGrant, shadowLeave } from "./arrival-shadow.ts";
import { createClassQueue, type ClassQueue } from "./class-queue.ts";
import { createQueueTable, freeSlot, takeSlot } from "./queue-table.ts";
import { createTenantRegistry, meetTenant } from "./tenant-registry.ts";

const WAIT_RATIO = 1.5;

/** A class with its shadow alone: requests come, are granted and leave by name. */
function shadowOf() {
  const table = createQueueTable();
  const registry = createTenantRegistry(1, { maxTenants: 100, weightOf: () => 1 });
  const group: ClassQueue = createClassQueue(0, 1, { table, registry, waitRatio: WAIT_RATIO });
  const slots = new Map<string, number>();
  let id = 0;
  return {
    group,
    tenant: (name: string) => meetTenant(registry, table, 0, name),
    arrive(name: string, tenant: string, workMs: number, now: number): void {
      const request = {
        id: (id += 1),
        tenant,
        classIndex: 0,
        arrivedAt: now,
        deadlineAt: Infinity,
        inputTokens: 1,
        outputTokens: 1,
        outputTokensHigh: 1,
        workMs,
        blocks: [],
      };
      const slot = takeSlot(table, request);
      table.tenant[slot] = meetTenant(registry, table, 0, tenant).index;
      slots.set(name, slot);
      shadowArrival(group, slot, now);
    },
    grant(name: string, now: number): void {
      shadowGrant(group, slots.get(name) as number, now);
      freeSlot(table, slots.get(name) as number);
    },
    leave(name: string, now: number): void {
      shadowLeave(group, slots.get(name) as number, now);
      freeSlot(table, slots.get(name) as number);
    },
  };
}

describe("the shadow of arrivals", () => {
  it("owes nothing to one that waits as long as in order of arrival", () => {
    const shadow = shadowOf();
    shadow.arrive("a", "t", 100, 0);
    shadow.arrive("b", "t", 100, 0);
    shadow.grant("a", 0);
    shadow.grant("b", 100);
    // 0 and 100 were its waits in that order too: half as much again was promised.
    expect(shadow.tenant("t").settledMs).toBeCloseTo(0.5 * 100, 9);
    expect(owedAt(shadow.tenant("t"))).toBe(Number.POSITIVE_INFINITY);
  });

  it("knows when one that was overtaken would have begun, and when its tenant is owed", () => {
    const shadow = shadowOf();
    shadow.arrive("first", "slow", 100, 0);
    shadow.arrive("second", "fast", 50, 0);
    shadow.arrive("third", "fast", 50, 0);
    shadow.grant("second", 200);
    // As much work was granted as came before the first: in order of arrival it would have begun now.
    expect(owedAt(shadow.tenant("slow"))).toBe(WAIT_RATIO * 200);
    shadow.grant("third", 260);
    shadow.grant("first", 400);
    expect(shadow.tenant("slow").settledMs).toBe(WAIT_RATIO * 200 - 400);
    // The others waited 200 and 260 where they would have waited until 400 each.
    expect(shadow.tenant("fast").settledMs).toBe(2 * WAIT_RATIO * 400 - 200 - 260);
  });

  it("takes one that leaves out of the work before the others", () => {
    const shadow = shadowOf();
    shadow.arrive("gone", "t", 1_000, 0);
    shadow.arrive("stays", "u", 10, 0);
    shadow.arrive("passes", "t", 10, 0);
    shadow.leave("gone", 5);
    shadow.grant("passes", 50);
    expect(owedAt(shadow.tenant("u"))).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(shadow.group.shadow.count).toBe(1);
  });

  it("keeps its books over thousands of arrivals, grants and leaves in any order", () => {
    const shadow = shadowOf();
    const random = seededRandom(3);
    const waiting: string[] = [];
    for (let step = 0; step < 20_000; step += 1) {
      const isArrival = waiting.length === 0 || (waiting.length < 500 && random() < 0.52);
      if (isArrival) {
        shadow.arrive(`${step}`, `t${Math.floor(random() * 5)}`, 1 + random() * 100, step);
        waiting.push(`${step}`);
        continue;
      }
      const [name] = waiting.splice(Math.floor(random() * waiting.length), 1) as [string];
      if (random() < 0.1) shadow.leave(name, step);
      else shadow.grant(name, step);
    }
    for (const name of waiting) shadow.grant(name, 20_001);
    expect(shadow.group.shadow.count).toBe(0);
    expect([shadow.group.shadow.arrivedMs, shadow.group.shadow.grantedMs]).toEqual([0, 0]);
    for (let index = 0; index < 5; index += 1) {
      const tenant = shadow.tenant(`t${index}`);
      expect([tenant.overdue, tenant.overdueMs, tenant.inShadow]).toEqual([0, 0, 0]);
    }
  });
});
