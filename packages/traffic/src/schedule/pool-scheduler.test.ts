import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createPrefixIndex } from "../affinity/prefix-index.ts";
import { createPeakLatency } from "../balance/peak-latency.ts";
import { createCellBook } from "./book/cell-book.ts";
import type { EndpointBook } from "./book/endpoint-book.ts";
import { NO_LIMIT, type EndpointLimits } from "./book/endpoint-limits.ts";
import type { Grant } from "./grant.ts";
import type { PoolSchedulerOptions } from "./pool-scheduler-options.ts";
import { createPoolScheduler, type PoolScheduler } from "./pool-scheduler.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

const LIMITS: EndpointLimits = {
  activeCap: 1,
  prefillTokenCap: NO_LIMIT,
  kvTokenCap: NO_LIMIT,
  weight: 1,
  rates: { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 },
  isServing: true,
};

interface Pool {
  readonly book: EndpointBook;
  readonly scheduler: PoolScheduler;
  /** A request of this much work, waiting. */
  arrive(name: string, part?: Partial<ScheduledRequest>, now?: number): ScheduledRequest;
  /** Grants until nobody can start; the names. */
  grantAll(now?: number): readonly string[];
  grants: Grant[];
  /** One request runs at a time; each ends before the next is granted: the names in order. */
  drain(): readonly string[];
}

function poolOf(limits: readonly Partial<EndpointLimits>[], options: Partial<PoolSchedulerOptions> = {}): Pool {
  const book = createCellBook({ endpoints: limits.length, rows: 2 });
  for (const [endpoint, part] of limits.entries()) book.setLimits(endpoint, { ...LIMITS, ...part });
  const scheduler = createPoolScheduler({ book, random: seededRandom(1), ...options });
  const names = new Map<number, string>();
  const pool: Pool = {
    book,
    scheduler,
    grants: [],
    arrive(name, part, now = 0) {
      const work = part?.workMs ?? 100;
      const request: ScheduledRequest = {
        id: names.size,
        tenant: "",
        classIndex: 0,
        arrivedAt: now,
        deadlineAt: Number.POSITIVE_INFINITY,
        inputTokens: 10,
        outputTokens: work,
        outputTokensHigh: work,
        workMs: work,
        blocks: [],
        ...part,
      };
      names.set(request.id, name);
      scheduler.arrive(request, now);
      return request;
    },
    grantAll(now = 0) {
      const granted: string[] = [];
      for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
        pool.grants.push(grant);
        granted.push(names.get(grant.request.id) as string);
      }
      return granted;
    },
    drain() {
      const order: string[] = [];
      for (let now = 0; scheduler.queued > 0; now += 1) {
        order.push(...pool.grantAll(now));
        const { request } = pool.grants.at(-1) as Grant;
        scheduler.end(request, request.outputTokens, now);
      }
      return order;
    },
  };
  return pool;
}

const PLAIN = { withinTenant: { kind: "shortest", oldestShare: 0 } } as const;

describe("the order of one tenant", () => {
  it("is by remaining work: T = 20, 30, 10 with C = 5, 10, 3 give 3, 1, 2", () => {
    const pool = poolOf([{}], { order: PLAIN });
    pool.arrive("1", { workMs: 20 - 5 });
    pool.arrive("2", { workMs: 30 - 10 });
    pool.arrive("3", { workMs: 10 - 3 });
    expect(pool.drain()).toEqual(["3", "1", "2"]);
  });

  it("gives one grant in four to the oldest", () => {
    const pool = poolOf([{}], { order: { oldestWaitRatio: 0 } });
    for (const [name, workMs] of [900, 800, 1, 2, 3, 4, 5, 6, 7].entries()) pool.arrive(`${name}`, { workMs });
    expect(pool.drain()).toEqual(["2", "3", "4", "0", "5", "6", "7", "1", "8"]);
    expect(pool.grants.filter(({ reason }) => reason === "oldest").map(({ request }) => request.id)).toEqual([0, 1]);
  });

  it("gives the oldest its turn only when it has waited three times as long as in order of arrival", () => {
    const pool = poolOf([{}]);
    const running = pool.arrive("running", { workMs: 1 });
    pool.grantAll(0);
    pool.arrive("old", { workMs: 900 });
    let last = running;
    const grantAt = (now: number): string => {
      pool.arrive("short", { workMs: 1 }, now);
      pool.scheduler.end(last, 1, now);
      const [name] = pool.grantAll(now);
      last = (pool.grants.at(-1) as Grant).request;
      return name as string;
    };
    // In order of arrival it would have begun at 100. It is its turn from the fourth grant on, but not before 300.
    expect([100, 110, 120, 200, 299].map(grantAt)).toEqual(Array(5).fill("short"));
    expect(grantAt(300)).toBe("old");
    expect(pool.grants.at(-1)?.reason).toBe("oldest");
  });

  it("is by arrival where that is asked for", () => {
    const pool = poolOf([{}], { order: { withinTenant: { kind: "arrival" } } });
    for (const [name, workMs] of [9, 1, 5].entries()) pool.arrive(`${name}`, { workMs }, name);
    expect(pool.drain()).toEqual(["0", "1", "2"]);
  });

  it("puts a recalled request back where its arrival was", () => {
    const pool = poolOf([{}], { order: { withinTenant: { kind: "arrival" } } });
    const first = pool.arrive("first");
    pool.arrive("second", {}, 1);
    expect(pool.grantAll(2)).toEqual(["first"]);
    expect(pool.scheduler.recall(first, 3)).toBe(true);
    expect(pool.book.active(0)).toBe(0);
    expect(pool.grantAll(4)).toEqual(["first"]);
  });

  it("recalls nobody who has a token", () => {
    const pool = poolOf([{}]);
    const request = pool.arrive("a");
    pool.grantAll();
    pool.scheduler.firstToken(request, 1);
    expect(pool.scheduler.recall(request, 2)).toBe(false);
    expect(pool.scheduler.cancel(request, 2)).toBe(false);
    expect(pool.book.active(0)).toBe(1);
  });
});

/** By the counters alone: nothing is owed to anybody. */
const COUNTED = { waitRatio: Number.POSITIVE_INFINITY };

describe("tenants", () => {
  it("take turns by the tokens that they were served, an answer's counting two", () => {
    const pool = poolOf([{}], { order: COUNTED });
    for (let each = 0; each < 6; each += 1) {
      pool.arrive("large", { tenant: "large", inputTokens: 100, outputTokens: 100 });
      pool.arrive("small", { tenant: "small", inputTokens: 100, outputTokens: 25 });
    }
    const order = pool.drain().slice(0, 9);
    expect(order.filter((name) => name === "small")).toHaveLength(6);
  });

  it("have their shares by weight", () => {
    const pool = poolOf([{}], { order: { ...COUNTED, tenantWeight: (name) => (name === "a" ? 3 : 1) } });
    for (let each = 0; each < 40; each += 1) for (const tenant of ["a", "b"]) pool.arrive(tenant, { tenant });
    const first = pool.drain().slice(0, 40);
    expect(first.filter((name) => name === "a")).toHaveLength(30);
  });

  it("gain nothing by having been away", () => {
    const pool = poolOf([{}], { order: COUNTED });
    for (let each = 0; each < 20; each += 1) pool.arrive("old", { tenant: "old" });
    for (let now = 0; now < 10; now += 1) {
      pool.grantAll(now);
      const { request } = pool.grants.at(-1) as Grant;
      pool.scheduler.end(request, request.outputTokens, now);
    }
    for (let each = 0; each < 10; each += 1) pool.arrive("new", { tenant: "new" }, 10);
    const next = pool.drain().slice(0, 6);
    expect(next.filter((name) => name === "new")).toHaveLength(3);
  });

  it("are charged what an answer really brought", () => {
    const pool = poolOf([{}], { order: COUNTED });
    for (let each = 0; each < 9; each += 1) for (const tenant of ["a", "b"]) pool.arrive(tenant, { tenant });
    const order: string[] = [];
    for (let now = 0; now < 6; now += 1) {
      order.push(...pool.grantAll(now));
      const { request } = pool.grants.at(-1) as Grant;
      // All were predicted alike; those of a bring five times as much.
      pool.scheduler.end(request, request.tenant === "a" ? 500 : 100, now);
    }
    expect(order.filter((name) => name === "b")).toHaveLength(5);
  });

  it("are forgotten when they are many and away", () => {
    const pool = poolOf([{ activeCap: 5 }], { order: { maxTenants: 3 } });
    for (let each = 0; each < 50; each += 1) {
      const request = pool.arrive("x", { tenant: `tenant-${each}` }, each);
      expect(pool.grantAll(each)).toEqual(["x"]);
      pool.scheduler.end(request, 1, each);
    }
    expect(pool.scheduler.queued + pool.scheduler.running).toBe(0);
  });
});

describe("classes", () => {
  it("have shares of the work of 8, 4 and 2 while all wait", () => {
    const pool = poolOf([{}]);
    for (let each = 0; each < 200; each += 1) {
      for (const classIndex of [0, 1, 2]) pool.arrive(`${classIndex}`, { classIndex });
    }
    const first = pool.drain().slice(0, 140);
    const counts = [0, 1, 2].map((index) => first.filter((name) => name === `${index}`).length);
    expect(counts).toEqual([80, 40, 20]);
  });

  it("have the last one's weight beyond it", () => {
    const pool = poolOf([{}]);
    for (let each = 0; each < 30; each += 1)
      for (const classIndex of [1, 7]) pool.arrive(`${classIndex}`, { classIndex });
    const first = pool.drain().slice(0, 30);
    expect(first.filter((name) => name === "7")).toHaveLength(10);
  });

  it("do not catch up for a time in which nobody of them waited", () => {
    const pool = poolOf([{}]);
    for (let each = 0; each < 100; each += 1) pool.arrive("low", { classIndex: 2 });
    for (let now = 0; now < 50; now += 1) {
      pool.grantAll(now);
      const { request } = pool.grants.at(-1) as Grant;
      pool.scheduler.end(request, 100, now);
    }
    for (let each = 0; each < 100; each += 1) pool.arrive("high", { classIndex: 0 }, 50);
    const next = pool.drain().slice(0, 45);
    expect(next.filter((name) => name === "low").length).toBeGreaterThanOrEqual(4);
    expect(next.filter((name) => name === "high").length).toBeGreaterThanOrEqual(35);
  });
});

describe("deadlines", () => {
  it("bring a request forward when it would miss its own by waiting longer", () => {
    const pool = poolOf([{}], { order: PLAIN, leastTtftMs: 100 });
    pool.arrive("short", { workMs: 1 });
    pool.arrive("urgent", { workMs: 500, deadlineAt: 1_080 });
    pool.arrive("late", { workMs: 600, deadlineAt: 5_000 });
    expect(pool.grantAll(1_000)).toEqual(["urgent"]);
    expect(pool.grants[0]?.reason).toBe("deadline");
  });

  it("are given up when they cannot be met any more", () => {
    const pool = poolOf([{}], { order: PLAIN, leastTtftMs: 100 });
    pool.arrive("short", { workMs: 1 });
    pool.arrive("lost", { workMs: 500, deadlineAt: 1_040 });
    expect(pool.grantAll(1_000)).toEqual(["short"]);
  });
});

describe("room", () => {
  const small = { inputTokens: 100, outputTokens: 100, outputTokensHigh: 100 };

  it("is never left unused by one who does not fit", () => {
    const pool = poolOf([{ activeCap: 4, kvTokenCap: 1_000 }], { order: PLAIN });
    pool.arrive("first", { ...small, workMs: 1 });
    pool.arrive("large", { ...small, inputTokens: 900, workMs: 2 });
    pool.arrive("small", { ...small, workMs: 3 });
    expect(pool.grantAll()).toEqual(["first", "small"]);
    expect(pool.grants.map(({ reason }) => reason)).toEqual(["first", "first"]);
  });

  it("is found for one behind hundreds that do not fit", () => {
    const pool = poolOf([{ activeCap: 4, kvTokenCap: 1_000 }], { order: PLAIN });
    pool.arrive("first", small);
    pool.grantAll();
    for (let each = 0; each < 300; each += 1)
      pool.arrive("large", { ...small, inputTokens: 900, workMs: 2 + each, tenant: `${each % 7}` });
    pool.arrive("small", { ...small, workMs: 5_000, tenant: "3" });
    expect(pool.grantAll()).toEqual(["small"]);
    expect(pool.grants.at(-1)?.reason).toBe("fits");
  });

  it("is claimed by the first in order after so many others were granted before it", () => {
    const pool = poolOf([{ activeCap: 4, kvTokenCap: 1_000 }], { order: { ...PLAIN, claimAfterSkips: 3 } });
    const running = pool.arrive("running", small);
    pool.grantAll();
    const large = pool.arrive("large", { ...small, inputTokens: 900, workMs: 1 }, 1);
    for (let now = 2; now < 5; now += 1) {
      const passing = pool.arrive("small", { ...small, workMs: 50 }, now);
      expect(pool.grantAll(now)).toEqual(["small"]);
      pool.scheduler.end(passing, 100, now);
    }
    expect(pool.scheduler.explain(large, 5)).toMatchObject({
      kind: "waiting",
      claimed: 0,
      skips: 3,
      waitsFor: "memory",
    });
    const next = pool.arrive("small", { ...small, workMs: 50 }, 5);
    expect(pool.grantAll(5)).toEqual([]);
    pool.scheduler.end(running, 100, 6);
    expect(pool.grantAll(6)).toEqual(["large"]);
    expect(pool.grants.at(-1)?.reason).toBe("claim");
    pool.scheduler.end(large, 100, 7);
    expect(pool.grantAll(7)).toEqual(["small"]);
    pool.scheduler.end(next, 100, 8);
  });

  it("is free again when one who claimed it leaves", () => {
    const pool = poolOf([{ activeCap: 4, kvTokenCap: 1_000 }], { order: { ...PLAIN, claimAfterSkips: 1 } });
    pool.arrive("running", small);
    pool.grantAll();
    const large = pool.arrive("large", { ...small, inputTokens: 900, workMs: 1 }, 1);
    pool.arrive("small", { ...small, workMs: 50 }, 2);
    pool.grantAll(2);
    pool.arrive("small", { ...small, workMs: 50 }, 3);
    expect(pool.grantAll(3)).toEqual([]);
    expect(pool.scheduler.cancel(large, 4)).toBe(true);
    expect(pool.grantAll(4)).toEqual(["small"]);
  });
});

describe("placement", () => {
  it("goes to the endpoint with the least own load", () => {
    const pool = poolOf([{ activeCap: 2 }, { activeCap: 8 }, { activeCap: 4 }]);
    for (let each = 0; each < 14; each += 1) pool.arrive("x");
    pool.grantAll();
    expect([0, 1, 2].map((endpoint) => pool.book.active(endpoint))).toEqual([2, 8, 4]);
    expect(pool.grants.slice(0, 7).filter(({ endpoint }) => endpoint === 1)).toHaveLength(4);
  });

  it("goes where the prompt is known, charges what is left of it, and says so", () => {
    const prefixes = createPrefixIndex({ endpoints: 2, blockTokens: 64 });
    const pool = poolOf([{ activeCap: 9 }, { activeCap: 9 }], { prefixes });
    const blocks = [1, 2, 3, 4];
    prefixes.add(1, blocks.slice(0, 3));
    const request = { inputTokens: 300, blocks };
    pool.arrive("a", request);
    pool.grantAll();
    expect(pool.grants[0]).toMatchObject({ endpoint: 1, cachedTokens: 192, candidates: 1 });
    expect(pool.book.prefillTokens(1)).toBe(108);
    pool.arrive("b", request);
    pool.grantAll();
    expect(pool.grants[1]).toMatchObject({ endpoint: 1, cachedTokens: 256 });
  });

  it("lets a request wait for the endpoint that knows its prompt, but not for longer than that saves", () => {
    const prefixes = createPrefixIndex({ endpoints: 2, blockTokens: 100 });
    const affinity = { matchShare: 0.8, releaseRatio: 1, waitRatio: 1 };
    const pool = poolOf([{}, {}], { prefixes, affinity });
    prefixes.add(0, [1, 2, 3, 4, 5]);
    const prompt = { inputTokens: 600, blocks: [1, 2, 3, 4, 5] };
    const first = pool.arrive("first", prompt);
    const second = pool.arrive("second", prompt);
    pool.arrive("third", prompt, 1);
    expect(pool.grantAll(1)).toEqual(["first"]);
    // 500 tokens at 0.1 ms are known there.
    expect(pool.scheduler.explain(second, 1)).toMatchObject({ waitsFor: "warm" });
    expect(pool.scheduler.nextLookAt()).toBe(51);
    pool.scheduler.end(first, 100, 20);
    expect(pool.grantAll(20)).toEqual(["second"]);
    expect(pool.grantAll(50)).toEqual([]);
    expect(pool.grantAll(51)).toEqual(["third"]);
    expect(pool.grants.map(({ endpoint }) => endpoint)).toEqual([0, 0, 1]);
    expect(pool.scheduler.nextLookAt()).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets nobody wait for what others know as well, or where that is not wanted", () => {
    const prefixes = createPrefixIndex({ endpoints: 2, blockTokens: 100 });
    const affinity = { matchShare: 0.8, releaseRatio: 1, waitRatio: 0 };
    for (const options of [{ prefixes }, { prefixes, affinity }]) {
      const pool = poolOf([{}, {}], options);
      prefixes.add(0, [1, 2, 3, 4, 5]);
      if (!("affinity" in options)) prefixes.add(1, [1, 2, 3, 4]);
      for (const name of ["first", "second"]) pool.arrive(name, { inputTokens: 600, blocks: [1, 2, 3, 4, 5] });
      pool.grantAll();
      expect(pool.grants.map(({ endpoint }) => endpoint)).toEqual([0, 1]);
      prefixes.forget(1);
    }
  });

  it("starts slowly on a new endpoint", () => {
    const pool = poolOf([{ activeCap: 10, startShare: 0.1 }]);
    for (let each = 0; each < 20; each += 1) pool.arrive("x");
    const share = (startShare: number): void => pool.book.setLimits(0, { ...LIMITS, activeCap: 10, startShare });
    expect(pool.grantAll()).toHaveLength(1);
    share(0.5);
    expect(pool.grantAll()).toHaveLength(4);
    share(1);
    expect(pool.grantAll()).toHaveLength(5);
  });

  it("gives a new endpoint a smaller part while the others have room", () => {
    const pool = poolOf([{ activeCap: 100 }, { activeCap: 100, startShare: 0.25 }]);
    for (let each = 0; each < 50; each += 1) pool.arrive("x");
    pool.grantAll();
    expect([pool.book.active(0), pool.book.active(1)]).toEqual([40, 10]);
  });

  it("learns latencies for the balancers that ask for them", () => {
    const latency = createPeakLatency(1);
    const pool = poolOf([{ activeCap: 2 }], { latency });
    const request = pool.arrive("a");
    pool.grantAll(10);
    pool.scheduler.firstToken(request, 60);
    expect(latency.read(0)).toBe(50);
  });
});

describe("the queue's bound", () => {
  it("turns out the youngest of the lowest class, who may be the newcomer", () => {
    const pool = poolOf([{}], { maxQueued: 3 });
    for (const [id, classIndex] of [1, 2, 2].entries()) pool.arrive(`${id}`, { classIndex }, id);
    const request = (id: number, classIndex: number): ScheduledRequest => ({
      id,
      tenant: "",
      classIndex,
      arrivedAt: id,
      deadlineAt: Number.POSITIVE_INFINITY,
      inputTokens: 1,
      outputTokens: 1,
      outputTokensHigh: 1,
      workMs: 1,
      blocks: [],
    });
    expect(pool.scheduler.arrive(request(10, 1), 10)?.id).toBe(2);
    expect(pool.scheduler.arrive(request(11, 2), 11)?.id).toBe(11);
    expect(pool.scheduler.arrive(request(12, 0), 12)?.id).toBe(1);
    expect(pool.scheduler.arrive(request(13, 3), 13)?.id).toBe(13);
    expect(pool.scheduler.queued).toBe(3);
  });
});

describe("what is said of a request", () => {
  it("is how many come before it, whose turn it is, and what it waits for", () => {
    const pool = poolOf([{}], { order: PLAIN });
    const running = pool.arrive("running", { inputTokens: 20 });
    pool.grantAll(0);
    pool.arrive("first", { workMs: 10, tenant: "a" }, 5);
    pool.arrive("second", { workMs: 20, tenant: "a" }, 5);
    const third = pool.arrive("third", { workMs: 30, tenant: "a", classIndex: 0 }, 6);
    expect(pool.scheduler.explain(running, 9)).toMatchObject({ kind: "granted", endpoint: 0, hasToken: false });
    expect(pool.scheduler.explain(third, 16)).toEqual({
      kind: "waiting",
      waitedMs: 10,
      ahead: 2,
      classIndex: 0,
      tenant: "a",
      tenantLead: 0,
      key: 30,
      isOldestOfTenant: false,
      waitsFor: "slot",
      skips: 0,
      claimed: -1,
    });
    pool.scheduler.end(running, 1, 20);
    expect(pool.scheduler.explain(running, 20)).toEqual({ kind: "unknown" });
  });
});

describe("the load of a pool", () => {
  it("is the weighted average of its endpoints, the backlog, and when it is done", () => {
    const pool = poolOf([{ activeCap: 2 }, { activeCap: 1, weight: 2 }]);
    for (let each = 0; each < 2; each += 1) pool.arrive("x");
    pool.grantAll();
    expect(pool.scheduler.load(0)).toMatchObject({ queued: 0, backlogMs: 0, drainMs: 0 });
    for (let each = 0; each < 5; each += 1) pool.arrive("x", { workMs: 100 });
    pool.grantAll();
    const load = pool.scheduler.load(0);
    expect(load).toMatchObject({ queued: 4, backlogMs: 400, pace: 2, drainMs: 200 });
    // They write equally fast, so one and a half of the three slots are the capacity of each; one of them counts twice.
    expect(load.sums).toMatchObject({ inFlight: 3, load: 4.5, capacity: 4.5, serving: 2 });
    expect(load.averageLoad).toBeCloseTo(1 + load.sums.waiting / 3);
    expect(pool.scheduler.backlogMs()).toBe(400);
  });

  it("measures the pace at which those who wait are served", () => {
    const pool = poolOf([{}]);
    for (let each = 0; each < 100; each += 1) pool.arrive("x", { workMs: 100 });
    for (let now = 0; now < 5_000; now += 50) {
      pool.grantAll(now);
      const { request } = pool.grants.at(-1) as Grant;
      pool.scheduler.end(request, 100, now);
    }
    expect(pool.scheduler.load(5_000).pace).toBeCloseTo(2, 1);
  });

  it("predicts a shorter wait for a higher class", () => {
    const pool = poolOf([{}]);
    for (let each = 0; each < 10; each += 1) pool.arrive("low", { classIndex: 2, workMs: 100 });
    pool.arrive("high", { classIndex: 0, workMs: 90 });
    expect(pool.scheduler.predictedWaitMs(2, 0)).toBe(1_090);
    // The class has eight tenths of the pace.
    expect(pool.scheduler.predictedWaitMs(0, 0)).toBeCloseTo((90 * 10) / 8, 6);
  });
});

describe("a worker's death", () => {
  it("frees what it held and takes out whoever waited for it", () => {
    const pool = poolOf([{ activeCap: 2 }]);
    pool.arrive("dead", { row: 1 });
    pool.arrive("alive", { row: 0 });
    pool.grantAll();
    pool.arrive("dead", { row: 1 });
    pool.arrive("next", { row: 0 });
    pool.scheduler.rowDied(1, 5);
    expect([pool.book.active(0), pool.scheduler.queued]).toEqual([1, 1]);
    expect(pool.grantAll(5)).toEqual(["next"]);
  });
});
