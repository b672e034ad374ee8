import { describe, expect, it } from "vitest";
import type { SimulationResult } from "../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import { jainIndex } from "./group-summary.ts";
import { isGood, OBJECTIVES } from "./objective.ts";
import { createOutcomes, OUTCOME } from "./outcomes.ts";
import { quantileOf, spreadOf } from "./quantile.ts";
import { soloTimeMs, soloTtftMs } from "./solo-time.ts";
import { summarise } from "./summarise.ts";

describe("quantileOf", () => {
  it("gives a value that was seen, by nearest rank", () => {
    const values = Float64Array.from([5, 1, 4, 2, 3]);
    expect(spreadOf(values)).toEqual({ mean: 3, p50: 3, p90: 5, p95: 5, p99: 5, max: 5 });
    expect([...values]).toEqual([5, 1, 4, 2, 3]);
    expect(quantileOf([10, 20, 30, 40], 0.25)).toBe(10);
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});

describe("isGood", () => {
  it("asks for both bounds, and for the first alone where there is one token", () => {
    const at = (ttftMs: number, tpotMs: number): boolean =>
      isGood(OBJECTIVES.standard, { inputTokens: 10, ttftMs, tpotMs });
    expect([at(2_000, 100), at(2_001, 50), at(10, 101), at(10, Number.NaN)]).toEqual([true, false, false, true]);
  });

  it("grants long prompts their time where the objective says so", () => {
    const objective = { ttftMs: 1_000, ttftPerTokenMs: 0.1, tpotMs: 100 };
    expect(isGood(objective, { inputTokens: 10_000, ttftMs: 2_000, tpotMs: 1 })).toBe(true);
    expect(isGood(objective, { inputTokens: 9_000, ttftMs: 2_000, tpotMs: 1 })).toBe(false);
  });
});

describe("jainIndex", () => {
  it("is 1 for equals and 1/n when one has all", () => {
    expect(jainIndex([3, 3, 3])).toBe(1);
    expect(jainIndex([1, 0, 0, 0])).toBe(0.25);
    expect(jainIndex([])).toBe(1);
  });
});

describe("soloTimeMs", () => {
  it("is what the engine takes for one request alone", () => {
    const slots = {
      ...SMALL_ENGINE,
      stepBaseMs: 10,
      perTokenMs: 0,
      perContextTokenMs: 0,
      attentionMs: 0,
      perSequenceMs: 0,
    };
    const plain = { ...slots, stepOverheadMs: 0, requestOverheadMs: 5 };
    // 1,000 tokens in chunks of 512: two steps; then nine more tokens.
    expect(soloTtftMs(plain, 1_000)).toBe(25);
    expect(soloTimeMs(plain, 1_000, 10)).toBe(115);
  });
});

describe("summarise", () => {
  const requests = syntheticRequests({
    seed: 1,
    count: 10,
    meanGapMs: 100,
    meanInput: 100,
    meanOutput: 20,
    clients: 2,
  });

  function result(): SimulationResult {
    const outcomes = createOutcomes(requests.length);
    for (const { id, arrivedAt, outputTokens } of requests) {
      outcomes.state[id] = OUTCOME.done;
      outcomes.sentAt[id] = arrivedAt + 50;
      outcomes.firstAt[id] = arrivedAt + 100 + id;
      outcomes.endAt[id] = arrivedAt + 100 + id + 10 * (outputTokens - 1);
    }
    outcomes.state[2] = OUTCOME.refused;
    outcomes.state[3] = OUTCOME.cut;
    outcomes.firstAt[9] = (requests[9]?.arrivedAt ?? 0) + 5_000;
    outcomes.endAt[9] = (requests[9]?.arrivedAt ?? 0) + 6_000;
    return { outcomes, endedAt: 0, enginePreemptions: 7, engineSteps: 0, replicaHours: 2, scaleActions: 1 };
  }

  const options = {
    requests,
    judged: { fromMs: requests[1]?.arrivedAt ?? 0, toMs: Number.POSITIVE_INFINITY },
    objective: OBJECTIVES.chat,
    profile: SMALL_ENGINE,
  };

  it("judges what arrived in the window, and counts what was not served as missed", () => {
    const summary = summarise(result(), options);
    expect(summary).toMatchObject({
      requests: 9,
      refused: 1,
      cut: 1,
      failed: 0,
      enginePreemptions: 7,
      replicaHours: 2,
    });
    // Nine judged, two not served, one later than 2 s.
    expect(summary.goodput.standard).toBeCloseTo(6 / 9, 9);
    expect(summary.goodput.own).toBe(summary.goodput.chat);
    expect(summary.ttft.max).toBeCloseTo(5_000, 6);
    expect(summary.wait.mean).toBeCloseTo(50, 6);
  });

  it("keeps clients and tenants apart", () => {
    const summary = summarise(result(), options);
    const counts = Object.values(summary.clients).map((group) => group.requests);
    expect(counts.reduce((total, count) => total + count, 0)).toBe(7);
    expect(Object.keys(summary.tenants).toSorted()).toEqual(["tenant 0", "tenant 1"]);
  });
});
