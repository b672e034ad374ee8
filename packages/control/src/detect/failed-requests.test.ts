import type { RequestEvidence } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { addEvidence, failedRequests, type FailureWindow } from "./failed-requests.ts";

function evidence(to: number, good: number, bad: number, times: Partial<RequestEvidence> = {}): RequestEvidence {
  const outcomes = { succeeded: good, "server-error": bad };
  const sums = { inFlight: 0, latencySumMs: 0, latencyMaxMs: 0 };
  return { kind: "requests", pool: "a", endpoint: "a/0@1", from: to - 200, to, outcomes, ...sums, ...times };
}

function windowOf(...all: readonly RequestEvidence[]): FailureWindow {
  let window: FailureWindow = { entries: [] };
  for (const each of all) window = addEvidence(window, each, 500);
  return window;
}

describe("failed requests", () => {
  it("are a fault from five bad attempts that are at least half of all", () => {
    expect(failedRequests(windowOf(evidence(1_000, 0, 4))).isFault).toBe(false);
    expect(failedRequests(windowOf(evidence(1_000, 3, 3), evidence(1_200, 2, 2))).isFault).toBe(true);
    expect(failedRequests(windowOf(evidence(1_000, 3, 3), evidence(1_200, 3, 2))).isFault).toBe(false);
  });

  it("are no fault any more when the newest evidence is only good, and are forgotten after two seconds", () => {
    expect(failedRequests(windowOf(evidence(1_000, 0, 9), evidence(1_200, 1, 0))).isFault).toBe(false);
    expect(failedRequests(windowOf(evidence(1_000, 0, 9), evidence(3_000, 0, 1))).isFault).toBe(false);
  });

  it("began between the first bad attempt of the window and the last good one before it", () => {
    const mixed = evidence(1_200, 5, 5, { firstBadAt: 1_050, lastGoodAt: 1_190 });
    expect(failedRequests(windowOf(evidence(1_000, 9, 0), mixed)).began).toEqual({ lastGood: 500, firstBad: 1_050 });
    const sharp = evidence(1_200, 5, 5, { firstBadAt: 1_050, lastGoodAt: 1_040 });
    expect(failedRequests(windowOf(sharp, evidence(1_400, 0, 5))).began).toEqual({ lastGood: 1_040, firstBad: 1_050 });
  });
});
