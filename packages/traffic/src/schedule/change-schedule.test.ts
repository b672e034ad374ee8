import { DEFAULT_SCHEDULE } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createPrefixIndex, type PrefixIndex } from "../affinity/prefix-index.ts";
import { createLeastLoad } from "../balance/least-load.ts";
import { createCellBook } from "./book/cell-book.ts";
import { NO_LIMIT } from "./book/endpoint-limits.ts";
import type { ScheduleChange } from "./change-schedule.ts";
import { DEFAULT_ORDER, orderOf, type OrderChange } from "./order/order-options.ts";
import { createPoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const BLOCKS = [1, 2, 3, 4];

/** Endpoints with a slot each, and who waits for them; the first grants are taken before anything changes. */
function poolOf(endpoints: number, prefixes?: PrefixIndex) {
  const random = seededRandom(1);
  const book = createCellBook({ endpoints, rows: 1 });
  const rates = { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 };
  const none = { prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT };
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
    book.setLimits(endpoint, { ...none, activeCap: 1, weight: 1, rates, isServing: true });
  }
  const scheduler = createPoolScheduler({ book, random, ...(prefixes && { prefixes }) });
  const running: ScheduledRequest[] = [];
  let lastId = 0;
  const grantAll = (
    now: number,
  ): readonly { readonly tenant: string; readonly endpoint: number; readonly id: number }[] => {
    const granted = [];
    for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
      running.push(grant.request);
      granted.push({ tenant: grant.request.tenant, endpoint: grant.endpoint, id: grant.request.id });
    }
    return granted;
  };
  return {
    scheduler,
    grantAll,
    arrive(part: Partial<ScheduledRequest>, now = 0): void {
      const size = { inputTokens: 10, outputTokens: 100, outputTokensHigh: 100, workMs: 100, blocks: [] };
      const who = {
        id: (lastId += 1),
        tenant: "",
        classIndex: 1,
        arrivedAt: now,
        deadlineAt: Number.POSITIVE_INFINITY,
      };
      scheduler.arrive({ ...who, ...size, ...part }, now);
    },
    /** Ends all that run; those who come after them. */
    next(now: number) {
      for (const request of running.splice(0)) scheduler.end(request, request.outputTokens, now);
      return grantAll(now);
    },
    change(order: Partial<OrderChange>, more: Partial<ScheduleChange> = {}): void {
      const { classWeights, withinTenant, tenantWeight } = DEFAULT_ORDER;
      const balancer = createLeastLoad(random);
      const whole = { classWeights, withinTenant, tenantWeight, ...order };
      scheduler.change({ order: whole, balancer, prefixes, ...more });
    },
  };
}

describe("a change of the order", () => {
  it("orders those who wait already, and brings them back in the old one", () => {
    const pool = poolOf(1);
    pool.arrive({});
    pool.grantAll(0);
    for (const [index, workMs] of [900, 500, 100, 300].entries()) pool.arrive({ workMs }, index);
    pool.change({ withinTenant: { kind: "arrival" } });
    expect([10, 20].map((now) => pool.next(now)[0]?.id)).toEqual([2, 3]);
    pool.change({});
    expect([30, 40].map((now) => pool.next(now)[0]?.id)).toEqual([4, 5]);
    expect(pool.scheduler.queued).toBe(0);
  });

  it("moves γ-boost's requests forward by its own γ", () => {
    const boost = (gammaPerSecond: number) => orderOf({ ...DEFAULT_SCHEDULE, order: "boost", gammaPerSecond });
    const pool = poolOf(1);
    pool.arrive({});
    pool.grantAll(0);
    pool.arrive({ workMs: 5_000 }, 0);
    pool.arrive({ workMs: 500 }, 2_000);
    pool.change(boost(10));
    expect(pool.scheduler.queued).toBe(2);
    pool.change(boost(0.001));
    expect(pool.next(2_000)[0]?.id).toBe(3);
  });

  it("gives tenants their new shares at once, from what they have had", () => {
    const pool = poolOf(1);
    for (let each = 0; each < 60; each += 1) for (const tenant of ["a", "b"]) pool.arrive({ tenant });
    let now = 0;
    const served = (count: number): number =>
      Array.from({ length: count }, () => pool.next((now += 1))[0]?.tenant).filter((tenant) => tenant === "a").length;
    expect(served(20)).toBe(10);
    pool.change({ tenantWeight: (name) => (name === "a" ? 3 : 1) });
    expect(served(40)).toBeGreaterThanOrEqual(29);
    pool.change({});
    expect(served(20)).toBeLessThanOrEqual(11);
  });

  it("gives classes their new shares", () => {
    const pool = poolOf(1);
    for (let each = 0; each < 60; each += 1)
      for (const classIndex of [0, 2]) pool.arrive({ classIndex, tenant: `${classIndex}` });
    let now = 0;
    const high = (count: number): number =>
      Array.from({ length: count }, () => pool.next((now += 1))[0]?.tenant).filter((tenant) => tenant === "0").length;
    expect(high(10)).toBe(8);
    pool.change({ classWeights: [1, 1, 4] });
    expect(high(40)).toBeLessThanOrEqual(10);
  });
});

describe("a change of the affinity", () => {
  it("sends a prompt anywhere that waited for the endpoint that knows it", () => {
    const prefixes = createPrefixIndex({ endpoints: 2, blockTokens: 64 });
    prefixes.add(0, BLOCKS);
    const prompt = { inputTokens: 256, blocks: BLOCKS };
    const pool = poolOf(2, prefixes);
    pool.arrive(prompt);
    expect(pool.grantAll(0)).toMatchObject([{ endpoint: 0 }]);
    pool.arrive(prompt);
    expect(pool.grantAll(1)).toEqual([]);
    pool.change({}, { prefixes: undefined });
    expect(pool.grantAll(2)).toMatchObject([{ endpoint: 1 }]);
  });

  it("lets a prompt that waits hear of what is known again", () => {
    const prefixes = createPrefixIndex({ endpoints: 2, blockTokens: 64 });
    prefixes.add(1, BLOCKS);
    const pool = poolOf(2, prefixes);
    pool.change({}, { prefixes: undefined });
    for (let each = 0; each < 2; each += 1) pool.arrive({});
    pool.grantAll(0);
    pool.arrive({ inputTokens: 256, blocks: BLOCKS }, 1);
    pool.change({});
    expect(pool.next(2)).toMatchObject([{ endpoint: 1 }]);
  });
});
