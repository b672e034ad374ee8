import { describe, expect, it } from "vitest";
import { createCellBook } from "./book/cell-book.ts";
import { NO_LIMIT } from "./book/endpoint-limits.ts";
import type { OrderOptions } from "./order/order-options.ts";
import { createPoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const SLOTS = 20;
const SERVICE_MS = 1_000;

/** A pool of slots that serve in a second; tenants ask for so many requests a second. Returns mean waits of the last part of a minute. */
function meanWaits(
  rates: Readonly<Record<string, number>>,
  order: Partial<OrderOptions> = {},
): Readonly<Record<string, number>> {
  const book = createCellBook({ endpoints: 1, rows: 1 });
  book.setLimits(0, {
    activeCap: SLOTS,
    prefillTokenCap: NO_LIMIT,
    kvTokenCap: NO_LIMIT,
    weight: 1,
    rates: { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 },
    isServing: true,
  });
  const scheduler = createPoolScheduler({ book, random: () => 0.5, order });
  const waits: Record<string, number[]> = {};
  const running: { request: ScheduledRequest; endsAt: number }[] = [];
  const due: Record<string, number> = {};
  let id = 0;
  for (let now = 0; now < 90_000; now += 10) {
    while ((running[0]?.endsAt ?? Number.POSITIVE_INFINITY) <= now) {
      scheduler.end((running.shift() as (typeof running)[number]).request, 10, now);
    }
    for (const [tenant, perSecond] of Object.entries(rates)) {
      due[tenant] = (due[tenant] ?? 0) + perSecond / 100;
      for (; (due[tenant] ?? 0) >= 1; due[tenant] = (due[tenant] ?? 0) - 1) {
        const size = { inputTokens: 10, outputTokens: 10, outputTokensHigh: 10, workMs: SERVICE_MS, blocks: [] };
        const request = {
          id: (id += 1),
          tenant,
          classIndex: 0,
          arrivedAt: now,
          deadlineAt: Number.POSITIVE_INFINITY,
          ...size,
        };
        scheduler.arrive(request, now);
      }
    }
    for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
      running.push({ request: grant.request, endsAt: now + SERVICE_MS });
      if (now > 60_000) (waits[grant.request.tenant] ??= []).push(grant.waitedMs);
    }
  }
  const mean = (items: readonly number[]): number => items.reduce((sum, item) => sum + item, 0) / items.length;
  return Object.fromEntries(Object.entries(waits).map(([tenant, items]) => [tenant, mean(items)]));
}

describe("a tenant that asks for far more than the others", () => {
  it("leaves them room in a pool that is too full, so that they hardly wait", () => {
    const { small, other } = meanWaits({ abuser: 30, small: 2, other: 2 });
    expect(small).toBeLessThan(5);
    expect(other).toBeLessThan(5);
    const without = meanWaits({ abuser: 30, small: 2, other: 2 }, { headroom: 0 });
    expect(without["small"]).toBeGreaterThan(10);
  });

  it("has all of the pool while it is alone", () => {
    const alone = meanWaits({ only: 19 });
    expect(alone["only"]).toBe(0);
  });

  it("is not held back where all ask for much", () => {
    const rates = { a: 11, b: 11 };
    expect(meanWaits(rates)).toEqual(meanWaits(rates, { headroom: 0 }));
  });

  it("leaves no more than the others ask for", () => {
    // Two in a hundred: room for one of twenty is left, and the large one waits little.
    const { large, tiny } = meanWaits({ large: 17, tiny: 0.4 });
    expect(large).toBeLessThan(50);
    expect(tiny).toBeLessThan(50);
  });
});
