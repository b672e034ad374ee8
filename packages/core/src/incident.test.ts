import * as fc from "fast-check";
import { expect, test } from "vitest";
import { faultRecoveryTime, type Incident } from "./incident.ts";

function incident(times: Partial<Incident> = {}): Incident {
  return {
    id: "inc_1",
    number: 1,
    class: "process-exit",
    subject: { service: "api" },
    revision: 1,
    began: { lastGood: 1_000, firstBad: 1_400, source: "exit-event" },
    detectedAt: 1_500,
    goodWindowMs: 10_000,
    state: "open",
    summary: "",
    evidence: [],
    actions: [],
    ...times,
  };
}

test("FRT is counted from the last good moment and is detection plus recovery", () => {
  const times = faultRecoveryTime(
    incident({ recoveredAt: 4_000, trafficRecoveredAt: 1_600, capacityRecoveredAt: 3_900 }),
  );
  expect(times).toEqual({ detectionMs: 500, recoveryMs: 2_500, totalMs: 3_000, trafficMs: 600, capacityMs: 2_900 });
});

test("while the incident lasts, only detection is known", () => {
  expect(faultRecoveryTime(incident())).toEqual({ detectionMs: 500 });
});

test("a clock that was set back gives no negative times", () => {
  const times = faultRecoveryTime(incident({ detectedAt: 900, recoveredAt: 950, trafficRecoveredAt: 0 }));
  expect(times).toEqual({ detectionMs: 0, recoveryMs: 0, totalMs: 0, trafficMs: 0 });
});

test("with times in order, the parts add up to the whole", () => {
  const span = fc.nat(1_000_000);
  fc.assert(
    fc.property(span, span, span, (start, detection, recovery) => {
      const began = { lastGood: start, firstBad: start, source: "evidence" } as const;
      const times = faultRecoveryTime(
        incident({ began, detectedAt: start + detection, recoveredAt: start + detection + recovery }),
      );
      expect(times.totalMs).toBe(times.detectionMs + (times.recoveryMs ?? Number.NaN));
      expect(times.totalMs).toBe(detection + recovery);
    }),
  );
});
