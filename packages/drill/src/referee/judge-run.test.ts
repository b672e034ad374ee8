import type { AppEvent, Incident } from "@flyball/core";
import { describe, expect, it } from "vitest";
import type { FaultDefinition } from "../fault.ts";
import { judgeActions } from "./judge-actions.ts";
import { judgeCapacity } from "./judge-capacity.ts";
import { judgeGoodput } from "./judge-goodput.ts";
import { countRequests, judgeRun } from "./judge-run.ts";
import { judgeTraffic } from "./judge-traffic.ts";
import { INJECTED_AT, makeRequests, makeRun } from "./testdata/make-run.ts";

const CRASH: FaultDefinition = {
  id: "crash",
  title: { en: "An instance is killed", zh: "一个实例被杀死" },
  victim: "instance",
  injection: { kind: "signal", signal: "SIGKILL" },
  needs: ["two-replicas"],
  leaseMs: 30_000,
  expect: { incidents: ["process-exit"], detectMs: 100, trafficMs: 100, failed: 0, never: ["roll-back"] },
};
const WINDOW = { loadFrom: INJECTED_AT - 5_000, injectedAt: INJECTED_AT, goodWindowMs: 10_000 };
const LOAD_UNTIL = INJECTED_AT + 20_000;
const within = (from: number, to: number) => (since: number) => since >= from && since < to;

describe("traffic", () => {
  it("that was never bad took no time to recover", () => {
    const verdict = judgeTraffic({ ...WINDOW, requests: makeRequests(20_000), loadUntil: LOAD_UNTIL });
    expect(verdict).toMatchObject({ frtMs: 0, goodFrom: INJECTED_AT });
    expect(verdict.firstBadAt).toBeUndefined();
  });

  it("is bad from the last good request before the first bad one to the first request after the last bad one", () => {
    const isBad = within(200, 2_000);
    const requests = makeRequests(20_000, (since) => (isBad(since) ? { end: "refused" } : undefined));
    const verdict = judgeTraffic({ ...WINDOW, requests, loadUntil: LOAD_UNTIL });
    expect(verdict.firstBadAt).toBe(INJECTED_AT + 200);
    expect(verdict.lastGoodAt).toBe(INJECTED_AT + 100);
    expect(verdict.frtMs).toBe(1_900);
  });

  it("counts from before the injection where a request that was under way failed", () => {
    const requests = makeRequests(20_000, (since) =>
      since === -100 ? { end: "broken", endedAt: INJECTED_AT + 5 } : undefined,
    );
    expect(judgeTraffic({ ...WINDOW, requests, loadUntil: LOAD_UNTIL })).toMatchObject({
      lastGoodAt: INJECTED_AT - 200,
      frtMs: 200,
    });
  });

  it("is not good while one request in the window takes far longer than before", () => {
    const requests = makeRequests(20_000, (since) =>
      since === 3_000 ? { endedAt: INJECTED_AT + 3_000 + 900 } : undefined,
    );
    expect(judgeTraffic({ ...WINDOW, requests, loadUntil: LOAD_UNTIL }).goodFrom).toBe(INJECTED_AT + 3_100);
  });

  it("is not good while p95 is out of the band of before", () => {
    const isSlow = within(0, 4_000);
    const requests = makeRequests(20_000, (since) =>
      isSlow(since) ? { endedAt: INJECTED_AT + since + 300 } : undefined,
    );
    const { goodFrom, firstBadAt } = judgeTraffic({ ...WINDOW, requests, loadUntil: LOAD_UNTIL });
    expect(firstBadAt).toBeUndefined();
    // 5 of the 100 requests of a window may be slow.
    expect(goodFrom).toBe(INJECTED_AT + 3_500);
  });

  it("did not recover when no whole window was seen", () => {
    const requests = makeRequests(20_000, (since) => (since === 12_000 ? { status: 503 } : undefined));
    const verdict = judgeTraffic({ ...WINDOW, requests, from: INJECTED_AT + 5_000, loadUntil: LOAD_UNTIL });
    expect(verdict.goodFrom).toBeUndefined();
    expect(verdict.frtMs).toBeUndefined();
  });
});

describe("requests", () => {
  it("are counted by how they ended", () => {
    const [first] = makeRequests(0);
    const make = (fields: object) => ({ ...first!, ...fields });
    const counts = countRequests([
      make({ attempts: 2 }),
      make({ attempts: 1, isDuplicated: true }),
      make({ status: 502, attempts: 3 }),
      make({ problem: { code: "words", words: "an error inside" } }),
      make({ end: "refused", status: undefined }),
      make({ end: "none" }),
    ]);
    expect(counts).toEqual({
      sent: 6,
      succeeded: 2,
      failed: 3,
      refused: 1,
      failedInBand: 1,
      lost: 1,
      duplicated: 1,
      amplification: 2,
    });
  });
});

describe("goodput", () => {
  const judge = (change: (since: number) => object | undefined): number | undefined =>
    judgeGoodput(makeRequests(20_000, change), { from: INJECTED_AT, to: INJECTED_AT + 10_000, slowMs: 500 });

  it("is what was served in time, of what the best seconds served", () => {
    expect(judge(() => undefined)).toBe(1);
    const isRefused = within(0, 5_000);
    expect(judge((since) => (isRefused(since) ? { status: 503 } : undefined))).toBeCloseTo(0.5, 2);
    expect(judge(() => ({ status: 503 }))).toBe(0);
  });
});

function state(ms: number, instance: string, wanted: "starting" | "ready" | "unhealthy", pid = 1): AppEvent {
  return { sequence: ms, at: INJECTED_AT + ms, event: "instance-state", instance, state: wanted, pid };
}

function exited(ms: number, instance: string, wasRequested: boolean): AppEvent {
  const exit = { code: null, signal: "SIGKILL", at: INJECTED_AT + ms, wasRequested };
  return { sequence: ms, at: INJECTED_AT + ms, event: "instance-exited", instance, exit };
}

describe("capacity", () => {
  const victim = { service: "a", ordinals: [0], pids: [100] };
  const judge = (events: readonly AppEvent[]) =>
    judgeCapacity({ events, victim, injectedAt: INJECTED_AT, undoneAt: INJECTED_AT + 15_000 });

  it("is back when the replacement is ready, and the start stands apart", () => {
    const events = [exited(30, "a/0", false), state(40, "a/0", "starting", 2), state(1_240, "a/0", "ready", 2)];
    expect(judge(events)).toEqual({ capacityMs: 1_240, startMs: 1_200 });
  });

  it("of another service says nothing", () => {
    expect(judge([exited(30, "b/0", false)])).toEqual({ capacityMs: 15_000 });
  });

  it("is not back while one is away", () => {
    expect(judge([exited(30, "a/0", false), state(40, "a/0", "starting", 2)])).toEqual({});
  });
});

function incident(number: number, fields: Partial<Incident>): Incident {
  return {
    id: `inc_${number}`,
    number,
    class: "process-exit",
    subject: { service: "a", ordinal: 0 },
    revision: 1,
    began: { lastGood: INJECTED_AT, firstBad: INJECTED_AT + 10, source: "exit-event" },
    detectedAt: INJECTED_AT + 50,
    decidedAt: INJECTED_AT + 51,
    actedAt: INJECTED_AT + 60,
    goodWindowMs: 10_000,
    state: "recovered",
    summary: "",
    evidence: [],
    actions: [],
    ...fields,
  };
}

describe("what control did", () => {
  const victim = { service: "a", ordinals: [0], pids: [100] };
  const restart = { at: INJECTED_AT + 60, action: "restart", rung: "restart", reason: "it exited" } as const;

  it("is joined with the injection by victim and class", () => {
    const other = incident(1, { class: "slow", detectedAt: INJECTED_AT + 20 });
    const cause = incident(2, { actions: [restart] });
    const verdict = judgeActions({
      incidents: [other, cause],
      events: [],
      injectedAt: INJECTED_AT,
      fault: CRASH,
      victim,
    });
    expect(verdict).toMatchObject({ incident: 2, detectedMs: 50, decidedMs: 51, actedMs: 60 });
    expect([verdict.falseActions, verdict.wrongActions, verdict.falseIncidents]).toEqual([[], [], []]);
  });

  it("to anybody but the victim is false", () => {
    const incidents = [incident(1, { subject: { service: "b" }, actions: [restart] })];
    const events = [exited(70, "a/1", true)];
    const verdict = judgeActions({ incidents, events, injectedAt: INJECTED_AT, fault: CRASH, victim });
    expect(verdict.falseActions.map(({ action, subject }) => [action, subject])).toEqual([
      ["restart", "b"],
      ["stop", "a/1"],
    ]);
    expect(verdict.falseIncidents).toEqual([1]);
  });

  it("in a run without a fault is false, whatever it is; advice and second tries are not", () => {
    const harmless = { at: 1, action: "retry", rung: "retry", reason: "" } as const;
    const advised = { ...restart, isAdvice: true } as const;
    const incidents = [incident(1, { actions: [restart, harmless, advised] })];
    const { falseActions } = judgeActions({ incidents, events: [], injectedAt: INJECTED_AT });
    expect(falseActions).toHaveLength(1);
  });

  it("that the fault calls wrong is wrong even for the victim", () => {
    const back = { ...restart, action: "roll-back", rung: "roll-back" } as const;
    const incidents = [incident(1, { actions: [back] })];
    const verdict = judgeActions({ incidents, events: [], injectedAt: INJECTED_AT, fault: CRASH, victim });
    expect(verdict.wrongActions.map(({ action }) => action)).toEqual(["roll-back"]);
  });
});

describe("a run", () => {
  it("of a worker of the gateway has its capacity back when the worker was replaced", () => {
    const victim = { service: "@gateway", pids: [9] };
    expect(judgeRun(makeRun({ victim, workers: { backAt: INJECTED_AT + 700 } }), CRASH).capacity).toEqual({
      capacityMs: 700,
    });
    expect(judgeRun(makeRun({ victim, workers: {} }), CRASH).capacity).toEqual({});
  });

  it("of load leaves out what was turned away while it lasted: the rest says how clients were served", () => {
    const isShed = (since: number): boolean => since >= 500 && since % 200 === 0;
    const requests = makeRequests(30_000, (since) => (isShed(since) ? { status: 503 } : undefined));
    const load = makeRun({
      requests,
      loadUntil: INJECTED_AT + 30_000,
      victim: { service: "a", pids: [], isWholeApp: true },
    });
    const { counts, traffic, afterUndoMs } = judgeRun({ ...load, undoneAt: INJECTED_AT + 15_000 }, CRASH);
    expect(counts).toMatchObject({ turnedAway: 72, failed: 75 });
    expect(traffic).toMatchObject({ frtMs: 0 });
    expect(afterUndoMs).toBeUndefined();
  });

  it("of a release has no capacity to lose: instances are replaced", () => {
    expect(judgeRun(makeRun({ victim: { service: "a", pids: [] } }), CRASH)).not.toHaveProperty("capacity");
  });

  it("that was void is only counted", () => {
    const { injectedAt: _moment, ...run } = makeRun({
      outcome: { kind: "void", reason: { code: "late", lagMs: 30, limitMs: 20 } },
    });
    expect(judgeRun(run, CRASH)).toEqual({ counts: expect.objectContaining({ sent: 250 }) as object });
  });

  it("is judged after the fault was taken back too", () => {
    const isBad = within(0, 16_000);
    const requests = makeRequests(30_000, (since) => (isBad(since) ? { status: 500 } : undefined));
    const run = makeRun({ requests, loadUntil: INJECTED_AT + 30_000 });
    expect(judgeRun(run, CRASH)).toMatchObject({ afterUndoMs: 1_000, traffic: { frtMs: 16_100 } });
  });
});
