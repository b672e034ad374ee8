// The figures of the peers' bench, from made-up requests.
import { describe, expect, it } from "vitest";
import { judgePeerRun } from "./judge-peer-run.ts";
import type { LoadRecord } from "./load-record.ts";

const FAULT_AT = 10_000;
const END_AT = 30_000;

/** Fifty a second over twenty seconds before and after; `of` says what becomes of one that is due so long after the fault. */
function run(of: (sinceMs: number, turn: number) => Partial<LoadRecord>) {
  const records = Array.from({ length: 1_500 }, (_, turn): LoadRecord => {
    const dueAt = turn * 20;
    const usual = { dueAt, tookMs: 50, outcome: "200", by: turn % 2 === 0 ? "a" : "b" };
    return { ...usual, ...(dueAt >= FAULT_AT ? of(dueAt - FAULT_AT, turn) : {}) };
  });
  return judgePeerRun({ records, faultAt: FAULT_AT, endAt: END_AT, victim: "a" });
}

describe("the figures of a run", () => {
  it("count what was lost and late, and when it was over", () => {
    const figures = run((since, turn) => {
      if (turn % 2 === 1) return {};
      if (since < 2_000) return { outcome: "ECONNREFUSED", tookMs: 1, by: "" };
      return since < 4_000 ? { tookMs: 400 } : { by: "c" };
    });
    expect(figures).toMatchObject({ requests: 1_000, failed: 50, late: 50, badBefore: 0 });
    expect(figures.trafficMs).toBe(3_921);
    // One bad request is forgiven.
    // The first answer of the new one.
    expect(figures.capacityMs).toBe(4_050);
  });

  it("say that nothing was lost where nothing was", () => {
    expect(run(() => ({ by: "b" }))).toMatchObject({ failed: 0, late: 0, trafficMs: 0, capacityMs: null, p99Ms: 50 });
  });

  it("forgive one in a hundred, and say null when it does not end", () => {
    expect(run((since) => (since === 1_000 ? { outcome: "503" } : {})).trafficMs).toBe(0);
    expect(run((_, turn) => (turn % 4 === 0 ? { outcome: "500" } : {}))).toMatchObject({
      trafficMs: null,
      failed: 250,
    });
  });

  it("do not take the victim's own good answers for capacity", () => {
    expect(run(() => ({})).capacityMs).toBeNull();
  });

  it("take a request that was given up for as long as the clients waited", () => {
    expect(run(() => ({ outcome: "TIMEOUT", tookMs: 4_990, by: "" })).p99Ms).toBe(5_000);
  });
});
