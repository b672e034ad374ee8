import { describe, expect, it } from "vitest";
import type { FaultDefinition } from "../fault.ts";
import { INJECTED_AT, makeRequests, makeRun } from "../referee/testdata/make-run.ts";
import { buildReport, exitCodeOf } from "./build-report.ts";
import type { DrillReport, DrillSetting } from "./drill-report.ts";
import { findRegressions } from "./find-regressions.ts";

const FAULT: FaultDefinition = {
  id: "crash",
  title: { en: "An instance is killed", zh: "一个实例被杀死" },
  victim: "instance",
  injection: { kind: "signal", signal: "SIGKILL" },
  needs: [],
  leaseMs: 30_000,
  expect: { incidents: [], trafficMs: 1_000, failed: 3, never: [] },
};
const SETTING = { app: "qa", at: 0, seed: 1, rounds: 1, perSecond: 10, goodWindowMs: 10_000 } as DrillSetting;

function reportOf(...badSeconds: readonly number[]): DrillReport {
  const runs = badSeconds.map((seconds) =>
    makeRun({
      requests: makeRequests(30_000, (since) => (since >= 0 && since < seconds * 1_000 ? { status: 500 } : undefined)),
      loadUntil: INJECTED_AT + 30_000,
    }),
  );
  const { fault: _fault, victim: _victim, undoneAt: _undone, ...empty } = makeRun();
  return buildReport(SETTING, [FAULT], [...runs, empty]);
}

describe("a report", () => {
  it("sums runs by fault with p50, p95 and their count, and judges times at p95 and counts at the worst", () => {
    const report = reportOf(0.2, 0.2, 0.4);
    const [crash, empty] = report.summaries;
    expect(crash?.traffic).toEqual({ count: 3, p50: 300, p95: 500, max: 500 });
    expect(crash?.failed).toBe(8);
    expect(crash?.targets.filter(({ isKept }) => !isKept).map(({ target }) => target)).toEqual(["failed"]);
    expect(empty).toMatchObject({ runs: 1, measured: 1, failed: 0 });
    expect(exitCodeOf(report)).toBe(1);
  });

  it("is 0 when all is kept, 3 when the app was not well before, 1 when all was void", () => {
    expect(exitCodeOf(reportOf(0.2))).toBe(0);
    const unhealthy = makeRun({ outcome: { kind: "unhealthy", reason: { code: "no-gateway" } } });
    const late = makeRun({ outcome: { kind: "void", reason: { code: "late", lagMs: 30, limitMs: 20 } } });
    const { injectedAt: _first, ...notInjected } = late;
    expect(exitCodeOf(buildReport(SETTING, [FAULT], [unhealthy]))).toBe(3);
    expect(exitCodeOf(buildReport(SETTING, [FAULT], [notInjected]))).toBe(1);
  });
});

describe("a drill that is kept", () => {
  it("is compared with those before: times by half as much again, counts by any, targets by being kept", () => {
    const before = [reportOf(0.2), reportOf(0.3), reportOf(0.2)];
    expect(findRegressions(reportOf(0.2), before)).toEqual([]);
    expect(findRegressions(reportOf(2), before)).toEqual([
      { kind: "figure", fault: "crash", figure: "traffic", usual: 300, now: 2_100 },
      { kind: "figure", fault: "crash", figure: "failed", usual: 3, now: 20 },
      { kind: "target", fault: "crash", target: "traffic" },
      { kind: "target", fault: "crash", target: "failed" },
    ]);
    expect(findRegressions(reportOf(2), [])).toEqual([]);
  });
});
