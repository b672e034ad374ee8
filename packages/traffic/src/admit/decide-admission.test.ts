import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideAdmission, type AdmissionInput } from "./decide-admission.ts";
import { predictWaitMs, retryAfterMs } from "./predict-drain.ts";

const input: AdmissionInput = {
  now: 0,
  deadlineAt: Number.POSITIVE_INFINITY,
  leastServiceMs: 50,
  queue: { queued: 10, serviceMs: 400, concurrency: 4 },
  queueLimit: 100,
  isShed: () => false,
  random: () => 0,
};

describe("decideAdmission", () => {
  it("refuses what cannot be served in time, and says when the queue will have drained", () => {
    expect(predictWaitMs(input.queue)).toBe(1_000);
    expect(decideAdmission({ ...input, deadlineAt: 1_050 })).toEqual({ kind: "admit" });
    expect(decideAdmission({ ...input, deadlineAt: 1_049 })).toEqual({
      kind: "refuse",
      reason: "deadline",
      retryAfterMs: 1_100,
      predictedWaitMs: 1_000,
    });
  });

  it("refuses when the queue is full, and what is shed", () => {
    expect(decideAdmission({ ...input, queueLimit: 10 })).toMatchObject({ reason: "queue-full" });
    expect(decideAdmission({ ...input, isShed: () => true })).toMatchObject({ reason: "shed" });
  });

  it("does not count a request as an arrival at the shedder that it refuses anyway", () => {
    const isShed = () => expect.fail("asked");
    decideAdmission({ ...input, isShed, deadlineAt: 1 });
    decideAdmission({ ...input, isShed, queueLimit: 1 });
  });

  it("counts what is under way beyond the limit as waiting, and goes by what the pool was seen to do", () => {
    expect(predictWaitMs({ ...input.queue, surplus: 30 })).toBe(4_000);
    expect(predictWaitMs({ ...input.queue, surplus: 30, servedPerMs: 0.08 })).toBe(500);
  });

  it("never sends a client away for less than a tenth of a second or more than 75 s", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (...all) => {
        const [queued, serviceMs, concurrency, chance] = all;
        const waitMs = retryAfterMs({ queued, serviceMs, concurrency }, () => chance);
        return waitMs >= 100 && waitMs <= 75_000;
      }),
    );
  });
});
