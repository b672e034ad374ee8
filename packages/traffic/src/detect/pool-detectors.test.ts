import type { PoolLoad } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { addAnswers, createDependencyDown, findDown } from "./dependency-down.ts";
import { addPoolLoad, createOverloadSeen, findOverload } from "./overload-seen.ts";
import { addLimits, createRateLimited, findLimited } from "./rate-limited.ts";
import { reportOf } from "./testing/report-of.ts";

describe("a dependency", () => {
  it("is down when all of its endpoints fail and none answers, a second after the last of them failed", () => {
    const table = createDependencyDown();
    addAnswers(table, reportOf("a/0", 1_000, { outcomes: { succeeded: 3 }, lastGoodAt: 950 }));
    addAnswers(table, reportOf("a/1", 1_000, { outcomes: { succeeded: 3 }, lastGoodAt: 990 }));
    addAnswers(table, reportOf("a/0", 1_200, { outcomes: { refused: 9 }, firstBadAt: 1_100 }));
    expect(findDown(table, 5_000)).toEqual([]);
    addAnswers(table, reportOf("a/1", 1_400, { outcomes: { refused: 2 }, firstBadAt: 1_300 }));
    expect(findDown(table, 2_000)).toEqual([]);
    expect(findDown(table, 2_400)).toMatchObject([
      { class: "dependency-down", subject: "a", began: { lastGood: 990, firstBad: 1_300 }, facts: { endpoints: 2 } },
    ]);
    addAnswers(table, reportOf("a/1", 3_000, { outcomes: { succeeded: 1 } }));
    expect(findDown(table, 3_000)).toEqual([]);
  });

  it("is down when it says that our key is refused or that it has not the model, until it answers", () => {
    const table = createDependencyDown();
    addAnswers(table, reportOf("a/0", 1_000, { outcomes: { cancelled: 1 }, unusable: 1 }));
    expect(findDown(table, 2_000)).toMatchObject([{ class: "dependency-down", facts: { unusable: 1 } }]);
    addAnswers(table, reportOf("a/0", 2_200, { outcomes: { succeeded: 1 } }));
    expect(findDown(table, 3_000)).toEqual([]);
  });

  it("is not down while it limits, streams, or fails one strange request again and again", () => {
    const table = createDependencyDown();
    for (let now = 200; now <= 2_000; now += 200) {
      addAnswers(table, reportOf("a/0", now, { outcomes: { "server-error": 1 } }));
    }
    expect(findDown(table, 4_000)).toMatchObject([{ facts: { failed: 10 } }]);
    addAnswers(table, reportOf("a/0", 2_200, { rateLimited: 1 }));
    expect(findDown(table, 4_000)).toEqual([]);
    for (let now = 2_400; now <= 60_000; now += 200) {
      const isGood = now % 1_600 === 0;
      addAnswers(table, reportOf("a/0", now, { outcomes: isGood ? { succeeded: 1 } : { "server-error": 1 } }));
      expect(findDown(table, now)).toEqual([]);
    }
  });
});

describe("overload", () => {
  const load = (second: number, rest: Partial<PoolLoad>): PoolLoad => ({
    kind: "pool-load",
    pool: "a",
    gateway: 1,
    from: (second - 1) * 1_000,
    to: second * 1_000,
    inFlight: 10,
    load: 10,
    queued: 0,
    waiting: 0,
    backlog: 0,
    backlogMs: 0,
    arrived: 100,
    refused: 0,
    capacity: 10,
    serving: 2,
    ...rest,
  });

  it("is seen when requests are turned away for most of fifteen seconds, and not for a burst of five", () => {
    const table = createOverloadSeen();
    for (let second = 1; second <= 60; second += 1) {
      addPoolLoad(table, load(second, { refused: second % 20 < 5 ? 40 : 0 }));
      expect(findOverload(table, second * 1_000)).toEqual([]);
    }
    for (let second = 61; second <= 75; second += 1) addPoolLoad(table, load(second, { refused: 40 }));
    expect(findOverload(table, 75_000)).toMatchObject([{ class: "overload", subject: "a" }]);
    for (let second = 76; second <= 90; second += 1) addPoolLoad(table, load(second, {}));
    expect(findOverload(table, 90_000)).toEqual([]);
  });

  it("is seen by a queue that takes half a minute, and not when nobody reports any more", () => {
    const table = createOverloadSeen();
    for (let second = 1; second <= 15; second += 1)
      addPoolLoad(table, load(second, { backlogMs: 45_000, queued: 300 }));
    expect(findOverload(table, 15_000)).toHaveLength(1);
    expect(findOverload(table, 30_000)).toEqual([]);
  });
});

describe("a limited backend", () => {
  it("is told after half a minute of mostly 429, not for a burst", () => {
    const table = createRateLimited();
    for (let now = 200; now <= 29_000; now += 200) {
      addLimits(table, reportOf("a/0", now, { rateLimited: 2, outcomes: { succeeded: 1 } }));
      expect(findLimited(table, now)).toEqual([]);
    }
    for (let now = 29_200; now <= 32_000; now += 200) addLimits(table, reportOf("a/0", now, { rateLimited: 2 }));
    expect(findLimited(table, 32_000)).toMatchObject([{ class: "rate-limited", subject: "a/0" }]);
    for (let now = 32_200; now <= 60_000; now += 200) {
      addLimits(table, reportOf("a/0", now, { outcomes: { succeeded: 2 } }));
    }
    expect(findLimited(table, 60_000)).toEqual([]);
  });

  it("that is asked seldom because it asks for peace is told after half a minute without a good answer", () => {
    const table = createRateLimited();
    for (let now = 1_000; now <= 61_000; now += 20_000) addLimits(table, reportOf("a/0", now, { rateLimited: 1 }));
    expect(findLimited(table, 100_000)).toMatchObject([{ class: "rate-limited", facts: { limited: 4, good: 0 } }]);
    addLimits(table, reportOf("a/0", 101_000, { outcomes: { succeeded: 1 } }));
    expect(findLimited(table, 101_000)).toEqual([]);
  });

  it("whose quota is spent is told at the first such answer, until a good one", () => {
    const table = createRateLimited();
    addLimits(table, reportOf("a/0", 1_200, { quotaSpent: 1 }));
    expect(findLimited(table, 900_000)).toMatchObject([{ class: "quota-spent", subject: "a/0" }]);
    addLimits(table, reportOf("a/0", 901_000, { outcomes: { succeeded: 1 } }));
    expect(findLimited(table, 901_000)).toEqual([]);
  });
});
