import type { RequestEvidence } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acquitFailures,
  addFailureReport,
  createFailureEvidence,
  goodAnswersNeeded,
  type FailureEvidence,
} from "./failure-evidence.ts";

function seen(to: number, good: number, bad: number, times: Partial<RequestEvidence> = {}): RequestEvidence {
  const outcomes = { succeeded: good, "server-error": bad };
  const sums = { inFlight: 0, latencySumMs: 0, latencyMaxMs: 0 };
  const own = {
    ...(good > 0 ? { lastGoodAt: to - 1 } : {}),
    ...(bad > 0 ? { firstBadAt: to - 5, lastBadAt: to - 5 } : {}),
  };
  return { kind: "requests", pool: "a", endpoint: "a/0@1", from: to - 200, to, outcomes, ...sums, ...own, ...times };
}

/** Adds one request after the other, each in a report of its own; answers at which one the fault was seen. */
function requestsUntilFault(evidence: FailureEvidence, results: Iterable<boolean>): number | undefined {
  let count = 0;
  for (const isGood of results) {
    count += 1;
    addFailureReport(evidence, seen(count * 200, isGood ? 1 : 0, isGood ? 0 : 1), undefined);
    if (evidence.isFault) return count;
  }
  return undefined;
}

describe("failed requests at an instance", () => {
  it("are a fault at the fourth of an instance that always fails, however slowly they come and however good it was", () => {
    expect(requestsUntilFault(createFailureEvidence(), [false, false, false, false])).toBe(4);
    const evidence = createFailureEvidence();
    addFailureReport(evidence, seen(1_000, 100_000, 0), undefined);
    expect(requestsUntilFault(evidence, [false, false, false])).toBeUndefined();
    expect(requestsUntilFault(evidence, [false])).toBe(1);
  });

  it("are a fault when half of them fail, within a dozen requests, and when 16 of 200 do", () => {
    const half = Array.from({ length: 12 }, (_, index) => index % 2 === 1);
    expect(requestsUntilFault(createFailureEvidence(), half)).toBeLessThanOrEqual(12);
    const failedUntil = (index: number): number => Math.floor((index * 16) / 200);
    const trickle = Array.from({ length: 200 }, (_, index) => failedUntil(index) === failedUntil(index + 1));
    expect(trickle.filter((isGood) => !isGood)).toHaveLength(16);
    expect(requestsUntilFault(createFailureEvidence(), trickle)).toBeLessThan(200);
  });

  it("are no fault at a base rate of rare failures: ten times 100,000 requests with one failure in a hundred", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = seededRandom(seed);
      const evidence = createFailureEvidence();
      for (let report = 1; report <= 2_000; report += 1) {
        let bad = 0;
        for (let request = 0; request < 50; request += 1) if (random() < 0.01) bad += 1;
        addFailureReport(evidence, seen(report * 200, 50 - bad, bad), undefined);
        expect(evidence.isFault).toBe(false);
      }
    }
  });

  it("began between the first bad attempt and the last good one before it", () => {
    const mixed = createFailureEvidence();
    addFailureReport(mixed, seen(1_000, 9, 0), undefined);
    addFailureReport(mixed, seen(1_200, 5, 5, { firstBadAt: 1_050, lastGoodAt: 1_190 }), 999);
    expect(mixed.began).toEqual({ lastGood: 999, firstBad: 1_050 });
    const sharp = createFailureEvidence();
    addFailureReport(sharp, seen(1_200, 5, 5, { firstBadAt: 1_050, lastGoodAt: 1_040 }), 500);
    addFailureReport(sharp, seen(1_400, 0, 5), 1_040);
    expect(sharp.began).toEqual({ lastGood: 1_040, firstBad: 1_050 });
  });

  it("need more good answers to be over the rarer they were, and a failure among them begins the count anew", () => {
    const broken = createFailureEvidence();
    addFailureReport(broken, seen(1_000, 0, 6), undefined);
    expect(goodAnswersNeeded(broken)).toBe(2);
    addFailureReport(broken, seen(1_200, 3, 0), undefined);
    expect([broken.goodSinceBad, broken.goodSince, goodAnswersNeeded(broken)]).toEqual([3, 1_199, 2]);
    addFailureReport(broken, seen(1_400, 0, 1), undefined);
    expect([broken.goodSinceBad, broken.goodSince]).toEqual([0, undefined]);
    const trickle = createFailureEvidence();
    addFailureReport(trickle, seen(1_000, 184, 16, { lastBadAt: 1_000 }), undefined);
    expect(goodAnswersNeeded(trickle)).toBeGreaterThan(30);
    expect(goodAnswersNeeded(undefined)).toBe(5);
  });

  it("are forgotten with their fault: the base rate does not learn from it", () => {
    const evidence = createFailureEvidence();
    addFailureReport(evidence, seen(1_000, 500, 0), undefined);
    const before = evidence.baseRate;
    addFailureReport(evidence, seen(1_200, 0, 40), undefined);
    addFailureReport(evidence, seen(1_400, 900, 0), undefined);
    expect(evidence.isFault).toBe(true);
    acquitFailures(evidence);
    expect([evidence.isFault, evidence.baseRate]).toEqual([false, before]);
    expect(requestsUntilFault(evidence, [false, false, false, false])).toBe(4);
  });

  it("property: good answers alone are never a fault, and rates stay rates whatever comes", () => {
    const report = fc.tuple(fc.nat(6_000), fc.nat(60));
    const property = fc.property(fc.array(report, { maxLength: 40 }), (reports) => {
      const evidence = createFailureEvidence();
      for (const [index, [good, bad]] of reports.entries()) {
        const before = evidence.isFault;
        addFailureReport(evidence, seen((index + 1) * 200, good, bad), undefined);
        if (bad === 0) expect(evidence.isFault).toBe(before);
        expect(evidence.baseRate).toBeGreaterThanOrEqual(0);
        expect(evidence.baseRate).toBeLessThanOrEqual(1);
        expect(evidence.failed).toBeLessThanOrEqual(evidence.total);
      }
    });
    // A long calm after failures once left a rate a hair below nothing.
    fc.assert(property, {
      examples: [
        [
          [
            [3_716, 24],
            [5_999, 0],
          ],
        ],
      ],
    });
  });
});
