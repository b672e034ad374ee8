import { describe, expect, it } from "vitest";
import type { Waiting } from "../order-rule.ts";
import { needOf } from "../memory-forecast.ts";
import type { SimRequest } from "../../trace/trace-request.ts";
import * as rules from "./order-rules.ts";
import { clairvoyantRule } from "./clairvoyant.ts";
import { syntheticRequests } from "../../testing/synthetic-requests.ts";

const RATES = { prefillMs: 0.1, decodeMs: 0.5, contextMs: 0.001 };

function waiting(id: number, arrivedAt: number, inputTokens: number, outputTokens: number): Waiting {
  const estimate = { p50: outputTokens, mean: outputTokens, shareBeyond: () => 0 };
  const request = { id, arrivedAt, inputTokens, blocks: [] } as unknown as SimRequest;
  const need = needOf(inputTokens, 0, estimate);
  return { request, since: arrivedAt, estimate, need, uncachedTokens: inputTokens, key: 0 };
}

const order = (
  rule: { keyOf(it: Waiting, now: number): number },
  now: number,
  all: readonly Waiting[],
): readonly number[] =>
  all.toSorted((a, b) => rule.keyOf(a, now) - rule.keyOf(b, now)).map(({ request }) => request.id);

describe("rules of order", () => {
  const early = waiting(1, 0, 5_000, 10);
  const middle = waiting(2, 1_000, 100, 2_000);
  const late = waiting(3, 2_000, 1_000, 100);
  const all = [early, middle, late];

  it("orders by arrival, prompt, work, time alone and deadline", () => {
    expect(order(rules.FCFS, 2_000, all)).toEqual([1, 2, 3]);
    expect(order(rules.SHORTEST_PROMPT, 2_000, all)).toEqual([2, 3, 1]);
    // 100 + 100 · (0.5 + 1.05) = 255; 500 + 10 · 5.505 = 555; 10 + 2000 · 1.6 = 3,210.
    expect(order(rules.leastWork(RATES), 2_000, all)).toEqual([3, 1, 2]);
    expect(order(rules.shortestAlone(RATES, 10), 2_000, all)).toEqual([1, 3, 2]);
    expect(order(rules.EARLIEST_DEADLINE, 2_000, all)).toEqual([1, 3, 2]);
  });

  it("lets the response ratio of one that waits overtake", () => {
    const rule = rules.highestResponseRatio(RATES);
    // 500 ms to read against 100 ms: after 2 s (2 + 0.5) ÷ 0.5 = 5 against 1; in the end all waits are alike and the short one leads.
    expect(order(rule, 2_000, [early, late])).toEqual([1, 3]);
    expect(order(rule, 60_000, [early, late])).toEqual([3, 1]);
  });

  it("lifts one that waits through the queues of the multi-level queue", () => {
    const rule = rules.multiLevelQueue(RATES);
    expect(order(rule, 2_000, all)).toEqual([2, 3, 1]);
    expect(order(rule, 60_000, all)).toEqual([1, 2, 3]);
  });

  it("is nearly shortest first with a small γ and by arrival with a large one", () => {
    expect(order(rules.gammaBoost(RATES, 0.000_1), 2_000, all)).toEqual([3, 1, 2]);
    expect(order(rules.gammaBoost(RATES, 1_000), 2_000, all)).toEqual([1, 2, 3]);
  });

  it("is right about the class in three of four, and lets the late one go first", () => {
    const history = syntheticRequests({ seed: 1, count: 300, meanGapMs: 1, meanInput: 1, meanOutput: 300 });
    const rule = clairvoyantRule(history, (id) => (id % 2 === 0 ? 1 : 5_000));
    const keys = Array.from({ length: 2_000 }, (_, id) => rule.keyOf(waiting(id, 0, 1, 1), 0));
    const right = keys.filter((key, id) => key === (id % 2 === 0 ? 0 : 2e12)).length / keys.length;
    expect(right).toBeGreaterThan(0.72);
    expect(right).toBeLessThan(0.78);
    expect(rule.keyOf(waiting(1, 0, 1, 1), 1e6)).toBe(-1e12);
  });
});
