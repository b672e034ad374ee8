// What tenants get by their weights while all of them always have requests waiting, through the scheduler as it ships: its guard of the mean wait
// must not take for a debt what a smaller weight means.
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createCellBook } from "./book/cell-book.ts";
import { NO_LIMIT } from "./book/endpoint-limits.ts";
import { createPoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const SERVICE_MS = 100;
const WARM_UP_MS = 20_000;
const SPAN_MS = 200_000;
const CLIENTS = 8;

/** Shares of the grants: each tenant has eight clients, which ask anew when they are answered. */
function sharesOf(weights: Readonly<Record<string, number>>): readonly number[] {
  const book = createCellBook({ endpoints: 1, rows: 1 });
  const rates = { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 };
  const none = { prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT };
  book.setLimits(0, { ...none, activeCap: 2, weight: 1, rates, isServing: true });
  const order = { tenantWeight: (tenant: string) => weights[tenant] ?? 1 };
  const scheduler = createPoolScheduler({ book, random: seededRandom(1), order });
  const served = new Map(Object.keys(weights).map((tenant) => [tenant, 0]));
  const running: { readonly request: ScheduledRequest; readonly endsAt: number }[] = [];
  let now = 0;
  let id = 0;
  const arrive = (tenant: string): void => {
    const size = { inputTokens: 100, outputTokens: 50, outputTokensHigh: 50, workMs: SERVICE_MS, blocks: [] };
    id += 1;
    const who = { id, tenant, classIndex: 1, arrivedAt: now, deadlineAt: Number.POSITIVE_INFINITY };
    scheduler.arrive({ ...who, ...size }, now);
  };
  const grantAll = (): void => {
    for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
      running.push({ request: grant.request, endsAt: now + SERVICE_MS });
    }
  };
  for (let client = 0; client < CLIENTS; client += 1) for (const tenant of served.keys()) arrive(tenant);
  grantAll();
  while (now < SPAN_MS) {
    const { request, endsAt } = running.shift() as (typeof running)[number];
    now = endsAt;
    scheduler.end(request, 50, now);
    if (now > WARM_UP_MS) served.set(request.tenant, (served.get(request.tenant) ?? 0) + 1);
    arrive(request.tenant);
    grantAll();
  }
  const all = [...served.values()].reduce((sum, count) => sum + count, 0);
  return [...served.values()].map((count) => count / all);
}

describe("tenants that always have requests waiting", () => {
  it.each<{ readonly weights: Readonly<Record<string, number>> }>([
    { weights: { a: 1, b: 1 } },
    { weights: { a: 3, b: 1 } },
    { weights: { a: 3, b: 1, c: 1 } },
    { weights: { a: 0.25, b: 1 } },
  ])("are served by their weights: $weights", ({ weights }) => {
    const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    for (const [index, share] of sharesOf(weights).entries()) {
      expect(share).toBeCloseTo((Object.values(weights)[index] as number) / all, 2);
    }
  });
});
