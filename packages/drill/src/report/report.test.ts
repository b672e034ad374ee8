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
    const allVoid = buildReport(SETTING, [FAULT], [notInjected]);
    expect(exitCodeOf(allVoid)).toBe(1);
    expect(allVoid.summaries[0]).toMatchObject({ runs: 1, measured: 0, void: 1, targets: [] });
  });

  it("of a drill that only watched judges what was seen, and nothing that would have had to be done", () => {
    const runs = [
      makeRun({ requests: makeRequests(30_000, () => ({ status: 500 })), loadUntil: INJECTED_AT + 30_000 }),
    ];
    const judged = (isShadow: boolean): readonly string[] =>
      buildReport({ ...SETTING, isShadow }, [FAULT], runs).summaries[0]?.targets.map(({ target }) => target) ?? [];
    expect(judged(false)).toContain("traffic");
    expect(judged(true)).toEqual(["incident", "falseActions"]);
  });

  it("judges attempts by requests only where there are enough requests", () => {
    const limited: FaultDefinition = { ...FAULT, expect: { ...FAULT.expect, amplification: 1.2 } };
    const names = (perSecond: number): readonly string[] =>
      buildReport(SETTING, [limited], [makeRun({ perSecond })]).summaries[0]?.targets.map(({ target }) => target) ?? [];
    expect(names(49)).not.toContain("amplification");
    expect(names(50)).toContain("amplification");
  });

  it("judges a share of the victim's traffic instead of all traffic where the fault names one", () => {
    const slow: FaultDefinition = { ...FAULT, expect: { ...FAULT.expect, awayShare: 0.9 } };
    const arrivals = Array.from({ length: 80 }, (_, index) => {
      const at = INJECTED_AT - 5_000 + index * 500;
      const own = at <= INJECTED_AT + 2_000 ? index * 2 : 28;
      return { at, counts: { "a/0": own, "a/1": index * 5 - own } };
    });
    const away = (isCounted: boolean): unknown =>
      buildReport(
        SETTING,
        [slow],
        [makeRun({ loadUntil: INJECTED_AT + 30_000, ...(isCounted ? { arrivals } : {}) })],
      ).summaries[0]?.targets.filter(({ target }) => target === "away" || target === "traffic");
    expect(away(true)).toEqual([{ target: "away", limit: 1_000, seen: 1_000, isKept: true }]);
    expect(away(false)).toEqual([{ target: "away", limit: 1_000, isKept: false }]);
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
