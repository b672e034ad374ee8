import type { RequestEvidence } from "@flyball/core";
import { expect, test } from "vitest";
import { addFailureReport, createFailureEvidence, type FailureEvidence } from "@flyball/traffic";
import { goodWindow, type PlaceFacts } from "./good-window.ts";

const FACTS: PlaceFacts = {
  readyAt: 0,
  firstBad: 1_000,
  lastBadAt: 1_999,
  isAboutRequests: true,
  failures: undefined,
  goodWindowMs: 10_000,
};

function failuresWith(...good: readonly number[]): FailureEvidence {
  const failures = createFailureEvidence();
  const report = (to: number, outcomes: RequestEvidence["outcomes"]): RequestEvidence => ({
    kind: "requests",
    pool: "a",
    endpoint: "a/0@1",
    from: to - 200,
    to,
    outcomes,
    inFlight: 0,
    latencySumMs: 0,
    latencyMaxMs: 0,
  });
  addFailureReport(failures, report(1_999, { "server-error": 4 }), undefined);
  for (const at of good) addFailureReport(failures, report(at, { succeeded: 1 }), undefined);
  return failures;
}

test("a process that died is good a window after it is ready again, asked or not", () => {
  const facts = { ...FACTS, isAboutRequests: false, readyAt: 5_000 };
  expect(goodWindow(facts, 14_999)).toEqual({ kind: "not-yet" });
  expect(goodWindow(facts, 15_000)).toEqual({ kind: "good", since: 5_000 });
});

test("where requests failed, silence is unknown", () => {
  expect(goodWindow({ ...FACTS, failures: failuresWith() }, 11_999)).toEqual({ kind: "not-yet" });
  expect(goodWindow({ ...FACTS, failures: failuresWith() }, 12_000)).toEqual({
    kind: "unknown",
    answered: 0,
    needed: 2,
    since: 2_000,
  });
  expect(goodWindow({ ...FACTS, failures: failuresWith(6_000) }, 99_000)).toMatchObject({
    kind: "unknown",
    answered: 1,
  });
});

test("where requests failed, the window begins with the first good answer, and needs enough of them", () => {
  const facts = { ...FACTS, failures: failuresWith(6_000, 7_000) };
  expect(goodWindow(facts, 15_999)).toEqual({ kind: "proving" });
  expect(goodWindow(facts, 16_000)).toEqual({ kind: "good", since: 6_000 });
});

test("a control that has just started knows nothing of good answers before it", () => {
  expect(goodWindow(FACTS, 60_000)).toEqual({ kind: "unknown", answered: 0, needed: 5, since: 2_000 });
});
