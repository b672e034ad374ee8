// Capacity against numbers worked by hand, against queueing theory, and against the simulation.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { describe, expect, it } from "vitest";
import { policyCatalogue } from "../policy/catalogue.ts";
import type { PolicySpec } from "../policy/policy.ts";
import { simulate } from "../simulate.ts";
import { slotEngine, syntheticRequests } from "../testing/synthetic-requests.ts";
import type { TraceRequest } from "../trace/trace-request.ts";
import { measureFlow } from "./measured-flow.ts";
import { planCapacity } from "./plan-capacity.ts";
import { replicaLimits } from "./replica-limits.ts";
import { steadyStateOf } from "./steady-state.ts";
import { mixOf, type TrafficMix } from "./traffic-mix.ts";

const ANY_ITL = Number.POSITIVE_INFINITY;

function mix(change: Partial<TrafficMix>): TrafficMix {
  return {
    requestsPerSecond: 1,
    arrivalVariation: 1,
    uncachedInputTokens: 100,
    inputTokens: 100,
    outputTokens: 200,
    inputVariation: 0,
    outputVariation: 0,
    attentionPairs: 0,
    decodeTokenSteps: 200 * (100 + 100),
    readTokenSquares: 0,
    longInputTokens: 100,
    ...change,
  };
}

function request(change: Partial<TraceRequest>): TraceRequest {
  const none = { client: "", tenant: "", model: "", route: "", classIndex: 0, maxOutputTokens: undefined, blocks: [] };
  return { id: 0, arrivedAt: 0, inputTokens: 1, outputTokens: 1, ...none, ...change };
}

describe("mixOf", () => {
  it("takes the moments of the lengths and the rate of the arrivals", () => {
    const requests = [
      request({ inputTokens: 100, outputTokens: 10 }),
      request({ id: 1, arrivedAt: 1_000, inputTokens: 300, outputTokens: 30 }),
      request({ id: 2, arrivedAt: 2_000, inputTokens: 200, outputTokens: 20 }),
    ];
    // 10·105 + 30·315 + 20·210 = 14,700; 100² + 300² + 200² = 140,000, halved 70,000.
    expect(mixOf(requests, 0)).toMatchObject({
      requestsPerSecond: 1,
      arrivalVariation: 0,
      inputTokens: 200,
      uncachedInputTokens: 200,
      outputTokens: 20,
      decodeTokenSteps: 4_900,
      readTokenSquares: 70_000 / 3,
      attentionPairs: 70_000 / 3,
      longInputTokens: 300,
    });
  });

  it("takes off what an earlier prompt began with, but never the whole prompt", () => {
    const requests = [
      request({ inputTokens: 100, blocks: [1, 2] }),
      request({ id: 1, arrivedAt: 1, inputTokens: 100, blocks: [1, 3] }),
      request({ id: 2, arrivedAt: 2, inputTokens: 32, blocks: [1, 2] }),
    ];
    expect(mixOf(requests, 16)?.uncachedInputTokens).toBeCloseTo((100 + 84 + 1) / 3);
  });

  it("says nothing of a trace without a span", () => {
    expect(mixOf([request({})], 0)).toBeUndefined();
    expect(mixOf([request({}), request({ id: 1 })], 0)).toBeUndefined();
  });
});

describe("steadyStateOf", () => {
  it("solves T = base + k·n·context with n = rate × output × T by hand", () => {
    // T = 10 + 0.001 · (2/1000 · T · 40,000) = 10 + 0.08 T  →  T = 10 ÷ 0.92; n = 0.002 · 200 · T.
    const profile = { ...slotEngine(64), stepBaseMs: 10, perContextTokenMs: 0.001 };
    const state = steadyStateOf(profile, mix({}), 2);
    expect(state?.stepMs).toBeCloseTo(10 / 0.92, 6);
    expect(state?.decoding).toBeCloseTo((0.4 * 10) / 0.92, 6);
    expect(state?.kvTokens).toBeCloseTo((0.002 * 40_000 * 10) / 0.92, 4);
  });

  it("has no answer where the step grows faster than it ends", () => {
    const profile = { ...slotEngine(64), stepBaseMs: 10, perContextTokenMs: 0.001 };
    expect(steadyStateOf(profile, mix({}), 24.9)).toBeDefined();
    expect(steadyStateOf(profile, mix({}), 25.1)).toBeUndefined();
  });
});

describe("replicaLimits", () => {
  const step1 = { ...slotEngine(4), stepBaseMs: 1 };

  it("is c ÷ S for slots, as in an M/M/c queue", () => {
    // Four slots, each 200 ms an answer: 20 requests a second.
    const limits = replicaLimits(step1, mix({}), ANY_ITL);
    expect(limits.slots).toBeCloseTo(20, 3);
    expect(limits.binding).toBe("slots");
  });

  it("is the memory over what a request holds over its steps", () => {
    // 40,000 token-steps of 1 ms a request: at 400 tokens of memory 10 a second.
    const limits = replicaLimits({ ...step1, kvCapacityTokens: 400 }, mix({}), ANY_ITL);
    expect(limits.memory).toBeCloseTo(10, 3);
    expect(limits.binding).toBe("memory");
  });

  it("is the speed of reading for prompts", () => {
    // A token costs 0.5 ms, but the base of a step is smaller: prompts of 1000 tokens take 500 ms each, 2 a second at most.
    const profile = { ...slotEngine(1_000), stepBaseMs: 1, perTokenMs: 0.5 };
    const limits = replicaLimits(
      profile,
      mix({ uncachedInputTokens: 1_000, outputTokens: 1, decodeTokenSteps: 1 }),
      ANY_ITL,
    );
    expect(limits.prefill).toBeLessThanOrEqual(2);
    expect(limits.requestsPerSecond).toBeGreaterThan(1.9);
  });

  it("is where the step reaches the objective between tokens", () => {
    // T = 10 + 0.04 · rate · T = 20  →  rate = 12.5.
    const profile = { ...slotEngine(1_000), stepBaseMs: 10, perContextTokenMs: 0.001 };
    const limits = replicaLimits(profile, mix({}), 20);
    expect(limits.itl).toBeCloseTo(12.5, 4);
    expect(limits.binding).toBe("itl");
  });
});

describe("planCapacity", () => {
  const base = { objective: { ttftMs: 2_000, tpotMs: 100 }, attainment: 0.95, maxReplicas: 100 };

  it("divides the rate by the least limit and leaves a fifth free", () => {
    // 20 a second a replica, 16 of them used: 48 a second need 3.
    const profile = slotEngine(4);
    expect(planCapacity({ ...base, profile, mix: mix({ requestsPerSecond: 48 }) })).toMatchObject({
      outcome: "planned",
      replicas: 3,
    });
    expect(planCapacity({ ...base, profile, mix: mix({ requestsPerSecond: 48.5 }) })).toMatchObject({ replicas: 4 });
  });

  it("adds replicas for a first token that has to come at once", () => {
    const objective = { ttftMs: 20, tpotMs: 100 };
    const plan = planCapacity({
      ...base,
      objective,
      profile: slotEngine(4),
      mix: mix({ requestsPerSecond: 16, outputVariation: 1 }),
    });
    expect(plan).toMatchObject({ outcome: "planned", isForTtft: true });
    expect(plan.outcome === "planned" && plan.replicas).toBeGreaterThan(1);
  });

  it("says when no number of replicas helps", () => {
    const profile = { ...ENGINE_PROFILES["8b-a100"] };
    const short = planCapacity({ ...base, profile, mix: mix({}), objective: { ttftMs: 2_000, tpotMs: 5 } });
    expect(short).toMatchObject({ outcome: "impossible", what: "itl" });
    // 100,000 tokens at 14,600 a second take almost 7 s.
    const long = planCapacity({ ...base, profile, mix: mix({ longInputTokens: 100_000 }) });
    expect(long).toMatchObject({ outcome: "impossible", what: "ttft" });
    expect(long.outcome === "impossible" && long.aloneMs).toBeGreaterThan(6_800);
    const many = planCapacity({ ...base, profile, mix: mix({ requestsPerSecond: 1e5 }) });
    expect(many.outcome).toBe("too-many");
  });
});

describe("formulas and simulation", () => {
  const profile = ENGINE_PROFILES["8b-a100"];
  const requests = syntheticRequests({ seed: 3, count: 4_000, meanGapMs: 1_000 / 6, meanInput: 600, meanOutput: 200 });
  const policy = policyCatalogue(profile).find(({ name }) => name === "least-request") as PolicySpec;
  const result = simulate({ requests, replicas: [{ profile }, { profile }], policy, seed: 1 });

  it("agree on the step, and so on how many requests are in the system", () => {
    const state = steadyStateOf(profile, mixOf(requests, 0) as TrafficMix, 3);
    const gaps = requests.map(
      ({ id, outputTokens }) =>
        ((result.outcomes.endAt[id] ?? 0) - (result.outcomes.firstAt[id] ?? 0)) / (outputTokens - 1),
    );
    const tpots = gaps.filter(Number.isFinite);
    const meanTpotMs = tpots.reduce((sum, value) => sum + value, 0) / tpots.length;
    expect(meanTpotMs / (state?.stepMs ?? 0)).toBeGreaterThan(0.85);
    expect(meanTpotMs / (state?.stepMs ?? 0)).toBeLessThan(1.15);
  });

  it("keep Little's law: what is in the system is what goes through times how long it stays", () => {
    const flow = measureFlow(result, requests);
    expect(flow.requestsPerSecond).toBeCloseTo(6, 0);
    expect(flow.inSystem / ((flow.requestsPerSecond * flow.latencyMs) / 1_000)).toBeCloseTo(1, 1);
  });
});
