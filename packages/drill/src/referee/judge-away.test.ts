import { describe, expect, it } from "vitest";
import { judgeAway, type ArrivalSample } from "./judge-away.ts";

const VICTIM = { service: "a", ordinals: [1], pids: [7] };
const INJECTED_AT = 10_000;

/** A sample each half second; ten requests a second come to service a, and `shareAt` of them to the victim. */
function samplesOf(shareAt: (since: number) => number, untilMs = 40_000): readonly ArrivalSample[] {
  const counts = { "a/0": 0, "a/1": 0, "b/1": 0 };
  return Array.from({ length: untilMs / 500 }, (_, index) => {
    const at = index * 500;
    const share = shareAt(at - INJECTED_AT);
    counts["a/0"] += 5 * (1 - share);
    counts["a/1"] += 5 * share;
    counts["b/1"] += 100;
    return { at, counts: { ...counts } };
  });
}

function judge(shareAt: (since: number) => number, until = 40_000): number | undefined {
  const samples = samplesOf(shareAt);
  return judgeAway({ samples, victim: VICTIM, injectedAt: INJECTED_AT, until, windowMs: 10_000, awayShare: 0.9 });
}

describe("traffic that goes elsewhere", () => {
  it("is away from the moment on at which a tenth of its share of before is left, for a whole window", () => {
    expect(judge((since) => (since <= 3_000 ? 0.5 : 0.05))).toBe(3_000);
    expect(judge((since) => (since <= 3_000 ? 0.5 : 0.06))).toBeUndefined();
    // A third of the service's requests came to it: the bound is a tenth of that.
    expect(judge((since) => (since <= 0 ? 1 / 3 : 0.04))).toBeUndefined();
  });

  it("is not away while it comes back within the window", () => {
    const isBack = (since: number): boolean => since > 6_000 && since <= 8_000;
    expect(judge((since) => (since <= 2_000 || isBack(since) ? 0.5 : 0))).toBe(7_000);
  });

  it("is not judged by what came after the fault was taken back, nor where nothing came before", () => {
    expect(judge((since) => (since <= 3_000 ? 0.5 : 0), INJECTED_AT + 11_000)).toBeUndefined();
    expect(judge(() => 0)).toBeUndefined();
  });
});
