// Any order of arrivals, grants, recalls, cancels, first tokens, ends, changes of endpoints and of knobs, and deaths of workers, held against a
// model that only adds up who holds what.
import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrefixIndex } from "../affinity/prefix-index.ts";
import { createBalancer } from "../balance/create-balancer.ts";
import { createCellBook } from "./book/cell-book.ts";
import type { EndpointLimits } from "./book/endpoint-limits.ts";
import { createReservation } from "./book/reservation.ts";
import type { TenantOrder } from "./order/order-options.ts";
import { createPoolScheduler, type PoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const ROWS = 3;
const ORDERS: readonly TenantOrder[] = [
  { kind: "shortest", oldestShare: 0.25 },
  { kind: "boost", gammaPerSecond: 0.5 },
  { kind: "arrival" },
];

interface Running {
  readonly request: ScheduledRequest;
  readonly endpoint: number;
  prefill: number;
  context: number;
  remaining: number;
}

const limits = (random: () => number): EndpointLimits => ({
  activeCap: 1 + Math.floor(random() * 5),
  prefillTokenCap: 500 + Math.floor(random() * 2_000),
  kvTokenCap: 2_000 + Math.floor(random() * 6_000),
  weight: 0.5 + random(),
  rates: { prefillMs: 0.05 + random() * 0.1, decodeMs: 0.3, contextMs: 0 },
  isServing: random() < 0.9,
});

/** A pool, its model, and the operations on both. */
function world(seed: number, withinTenant: TenantOrder, headroom: number) {
  const random = seededRandom(seed);
  const size = 1 + Math.floor(random() * 5);
  const book = createCellBook({ endpoints: size, rows: ROWS });
  for (let endpoint = 0; endpoint < size; endpoint += 1) book.setLimits(endpoint, limits(random));
  const hasPrefixes = random() < 0.5;
  const prefixes = createPrefixIndex({ endpoints: size, blockTokens: 64, maxBlocks: 40 });
  const scheduler = createPoolScheduler({
    book,
    random,
    maxQueued: 30,
    ...(hasPrefixes && { prefixes }),
    order: { withinTenant, claimAfterSkips: 3, maxTenants: 3, headroom },
  });
  const waiting = new Map<number, ScheduledRequest>();
  const running = new Map<number, Running>();
  let now = 0;
  let nextId = 0;
  const any = <T>(items: Iterable<T>): T | undefined => {
    const list = [...items];
    return list[Math.floor(random() * list.length)];
  };

  const arrive = (): void => {
    const inputTokens = 1 + Math.floor(random() ** 3 * 3_000);
    const outputTokens = 1 + Math.floor(random() ** 3 * 3_000);
    const family = Math.floor(random() * 4);
    const request: ScheduledRequest = {
      id: (nextId += 1),
      // With room to be kept for others one of them asks for most of it all.
      tenant: `tenant-${headroom > 0 && random() < 0.8 ? 0 : Math.floor(random() * 5)}`,
      classIndex: Math.floor(random() * 5),
      arrivedAt: now,
      deadlineAt: random() < 0.3 ? now + random() * 5_000 : Number.POSITIVE_INFINITY,
      inputTokens,
      outputTokens,
      outputTokensHigh: outputTokens * 2,
      workMs: inputTokens * 0.1 + outputTokens * 0.3,
      blocks: Array.from({ length: Math.floor(inputTokens / 64) }, (_, block) => family * 1_000 + block),
      row: Math.floor(random() * ROWS),
    };
    waiting.set(request.id, request);
    const loser = scheduler.arrive(request, now);
    expect(loser !== undefined).toBe(waiting.size > 30);
    if (loser) expect(waiting.delete(loser.id)).toBe(true);
  };
  const operations: readonly (() => void)[] = [
    arrive,
    arrive,
    arrive,
    function cancelWaiting() {
      const request = any(waiting.values());
      if (!request) return;
      expect(scheduler.cancel(request, now)).toBe(true);
      waiting.delete(request.id);
    },
    function cancelOrRecallRunning() {
      const item = any(running.values());
      if (!item) return;
      const isRecall = random() < 0.5;
      const isDone = isRecall ? scheduler.recall(item.request, now) : scheduler.cancel(item.request, now);
      expect(isDone).toBe(item.prefill > 0);
      if (!isDone) return;
      running.delete(item.request.id);
      if (isRecall) waiting.set(item.request.id, item.request);
    },
    function firstToken() {
      const item = any(running.values());
      if (!item) return;
      scheduler.firstToken(item.request, now);
      item.prefill = 0;
    },
    function progress() {
      const item = any(running.values());
      if (!item) return;
      const delivered = Math.floor(random() * 2 * item.request.outputTokensHigh);
      scheduler.progress(item.request, delivered, now);
      item.context = item.request.inputTokens + delivered;
      const high = Math.max(item.request.outputTokensHigh, delivered * 1.25);
      item.remaining = Math.max(1, Math.ceil(high - delivered));
    },
    function end() {
      const item = any(running.values());
      if (!item) return;
      scheduler.end(item.request, Math.floor(random() * 3_000), now);
      if (random() < 0.2) scheduler.end(item.request, 5, now);
      running.delete(item.request.id);
    },
    function changeEndpoint() {
      book.setLimits(Math.floor(random() * size), limits(random));
    },
    function replaceEndpoint() {
      const endpoint = Math.floor(random() * size);
      // Its requests have failed, but the word of it comes only after the number has been given away.
      const lost = [...running.values()].filter((item) => item.endpoint === endpoint);
      book.renew(endpoint);
      scheduler.endpointStarted(endpoint);
      for (const item of lost) {
        scheduler.end(item.request, 0, now);
        running.delete(item.request.id);
      }
    },
    function changeKnobs() {
      const weight = (): number => 0.1 + 5 * random();
      const weights = Array.from({ length: 5 }, weight);
      scheduler.change({
        order: {
          classWeights: [weight(), weight(), weight()],
          withinTenant: any(ORDERS) ?? withinTenant,
          tenantWeight: (name) => weights[Number(name.split("-")[1])] as number,
        },
        balancer: createBalancer(random() < 0.5 ? "least-load" : "random", random),
        prefixes: random() < 0.5 ? prefixes : undefined,
      });
    },
    function workerDies() {
      const row = Math.floor(random() * ROWS);
      scheduler.rowDied(row, now);
      for (const item of running.values()) if (item.request.row === row) running.delete(item.request.id);
      for (const request of waiting.values()) if (request.row === row) waiting.delete(request.id);
    },
  ];

  return {
    scheduler,
    book,
    headroom,
    heldBack: 0,
    waiting,
    running,
    now: () => now,
    operate() {
      now += random() * 200;
      const operation = operations[Math.floor(random() * operations.length)] as () => void;
      operation();
    },
    grantAll() {
      for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
        const { request, endpoint, cachedTokens } = grant;
        expect(waiting.delete(request.id), "only who waits is granted").toBe(true);
        const { inputTokens: context, outputTokensHigh: remaining } = request;
        running.set(request.id, { request, endpoint, prefill: context - cachedTokens, context, remaining });
        const there = [...running.values()].filter((item) => item.endpoint === endpoint);
        checkLimits(book.limits(endpoint), there, remaining);
      }
    },
  };
}

/** A grant leaves its endpoint within its limits, or alone with what is too large. */
function checkLimits(bounds: EndpointLimits, there: readonly Running[], newcomerEnds: number): void {
  expect(bounds.isServing).toBe(true);
  expect(there.length).toBeLessThanOrEqual(bounds.activeCap);
  const reading = there.filter(({ prefill }) => prefill > 0);
  const sum = reading.reduce((total, { prefill }) => total + prefill, 0);
  expect(sum <= bounds.prefillTokenCap || reading.length === 1).toBe(true);
  if (there.length === 1) return;
  for (const step of steps(newcomerEnds)) expect(memoryAt(there, step)).toBeLessThanOrEqual(bounds.kvTokenCap);
}

/** Steps at which to look, up to the end of a request. */
function steps(end: number): number[] {
  return [0, 1, 10, 31, 33, 100, 200, 300, 600, 1_000, 2_000, 4_000, 5_999, end].filter((step) => step <= end);
}

/** Memory in use so many steps from now: each that still runs has its context and what it has brought. */
function memoryAt(there: readonly Pick<Running, "context" | "remaining">[], step: number): number {
  return there.reduce((sum, { context, remaining }) => sum + (step <= remaining ? context + step : 0), 0);
}

function checkSums({ book, running }: ReturnType<typeof world>): void {
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    const there = [...running.values()].filter((item) => item.endpoint === endpoint);
    expect(book.active(endpoint)).toBe(there.length);
    expect(book.prefillTokens(endpoint)).toBe(there.reduce((sum, { prefill }) => sum + prefill, 0));
    const peaks = there.map(({ remaining }) => memoryAt(there, remaining));
    expect(book.kvTokens(endpoint)).toBeGreaterThanOrEqual(Math.max(0, ...peaks));
    const most = there.reduce((sum, { context, remaining }) => sum + context + remaining, 0);
    expect(book.kvTokens(endpoint)).toBeLessThanOrEqual(most);
    if (there.length === 0) expect(book.workMs(endpoint)).toBe(0);
  }
}

/** Nobody waits who fits an endpoint, unless it is claimed by another one, or he is held back: then he does not fit into what is left to him. */
function checkConservation(pool: ReturnType<typeof world>): void {
  const { book, waiting, scheduler, now, headroom } = pool;
  const { claimed } = scheduler;
  let claims = 0;
  for (const request of waiting.values()) {
    const standing = scheduler.explain(request, now());
    if (standing.kind !== "waiting") expect.fail(`${request.id} waits`);
    const own = standing.claimed;
    if (own >= 0) claims += 1;
    // It waits for a while for the endpoint that knows its prompt.
    if (standing.waitsFor === "warm") continue;
    for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
      if (endpoint === claimed && own < 0) continue;
      if (!fits(book, endpoint, request)) continue;
      const isTurn = standing.waitsFor === "turn" && claimed < 0;
      if (headroom === 0 || isTurn) expect.fail(`${request.id} waits and fits ${endpoint}`);
      pool.heldBack += 1;
    }
  }
  expect(claims).toBe(claimed < 0 ? 0 : 1);
}

/** Whether a copy of the request could take a place there now. */
function fits(book: ReturnType<typeof createCellBook>, endpoint: number, request: ScheduledRequest): boolean {
  const reservation = {
    ...createReservation(),
    prefillTokens: request.inputTokens,
    contextTokens: request.inputTokens,
  };
  reservation.remainingTokens = request.outputTokensHigh;
  const isTaken = book.tryReserve(endpoint, reservation);
  book.release(reservation);
  return isTaken;
}

function count(scheduler: PoolScheduler): number {
  return scheduler.queued + scheduler.running;
}

const RULES = ORDERS.flatMap((order) => [0, 0.5].map((headroom) => [order.kind, headroom, order] as const));

describe.each(RULES)(
  "a pool scheduler by %s with headroom %s under any interleaving",
  (_kind, headroom, withinTenant) => {
    it("neither loses nor doubles a place, keeps every limit, and lets nobody wait who fits", () => {
      let heldBack = 0;
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 150 }), (seed, steps) => {
          const pool = world(seed, withinTenant, headroom);
          for (let step = 0; step < steps; step += 1) {
            pool.operate();
            pool.grantAll();
            checkSums(pool);
            checkConservation(pool);
            expect(count(pool.scheduler)).toBe(pool.waiting.size + pool.running.size);
          }
          // All end: nothing is held any more, and whoever waits gets his turn.
          for (let endpoint = 0; endpoint < pool.book.size; endpoint += 1) {
            pool.book.setLimits(endpoint, { ...pool.book.limits(endpoint), isServing: true });
          }
          for (let round = 0; round < 200 && count(pool.scheduler) > 0; round += 1) {
            pool.grantAll();
            for (const { request } of pool.running.values()) pool.scheduler.end(request, 1, pool.now());
            pool.running.clear();
          }
          expect(count(pool.scheduler)).toBe(0);
          checkSums(pool);
          heldBack += pool.heldBack;
        }),
        { numRuns: 100 },
      );
      expect(heldBack > 0).toBe(headroom > 0);
    }, 60_000);
  },
);
