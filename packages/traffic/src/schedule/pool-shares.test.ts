// What share each endpoint gets under a steady load, through the scheduler as it ships.
import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createCellBook } from "./book/cell-book.ts";
import { NO_LIMIT } from "./book/endpoint-limits.ts";
import { createPoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const REQUESTS = 30_000;

/** Poisson arrivals, exponential service of mean 1. */
function simulate(capacities: readonly number[], meanInFlight: number): { shares: number[]; load: number } {
  const random = seededRandom(42);
  const book = createCellBook({ endpoints: capacities.length, rows: 1 });
  const rates = { prefillMs: 0, decodeMs: 0, contextMs: 0 };
  const none = { prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT };
  for (const [endpoint, activeCap] of capacities.entries()) {
    book.setLimits(endpoint, { ...none, activeCap, weight: 1, rates, isServing: true });
  }
  const scheduler = createPoolScheduler({ book, random });
  const placed = capacities.map(() => 0);
  let running: { readonly request: ScheduledRequest; readonly endsAt: number }[] = [];
  let now = 0;
  let loads = 0;
  const grantAll = (): void => {
    for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
      placed[grant.endpoint] = (placed[grant.endpoint] ?? 0) + 1;
      running.push({ request: grant.request, endsAt: now - Math.log(1 - random()) });
      running.sort((one, other) => one.endsAt - other.endsAt);
    }
  };
  for (let id = 0; id < REQUESTS; id += 1) {
    const arrivesAt = now - Math.log(1 - random()) / meanInFlight;
    while ((running[0]?.endsAt ?? Number.POSITIVE_INFINITY) <= arrivesAt) {
      const [first] = running as [(typeof running)[number]];
      now = first.endsAt;
      running = running.slice(1);
      scheduler.end(first.request, 1, now);
      grantAll();
    }
    now = arrivesAt;
    loads += scheduler.load(now).averageLoad;
    const size = { inputTokens: 1, outputTokens: 0, outputTokensHigh: 0, workMs: 1, blocks: [] };
    const who = { id, tenant: "", classIndex: 0, arrivedAt: now, deadlineAt: Number.POSITIVE_INFINITY };
    scheduler.arrive({ ...who, ...size }, now);
    grantAll();
  }
  const total = placed.reduce((sum, count) => sum + count, 0);
  return { shares: placed.map((count) => count / total), load: loads / REQUESTS };
}

describe("a pool with capacities 16, 8 and 8", () => {
  it.each([12, 18, 24, 31])(
    "shares the requests 2:1:1 within 5 % of each share, at %i in flight",
    (mean) => {
      const { shares, load } = simulate([16, 8, 8], mean);
      expect(load).toBeGreaterThan(0.3);
      for (const [index, wanted] of [0.5, 0.25, 0.25].entries()) {
        expect(Math.abs((shares[index] as number) - wanted) / wanted).toBeLessThan(0.05);
      }
    },
    60_000,
  );
});
