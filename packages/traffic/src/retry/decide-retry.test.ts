import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRetry, type RetryInput } from "./decide-retry.ts";

const base: RetryInput = {
  method: "POST",
  hasIdempotencyKey: false,
  isModelCallBeforeCommit: false,
  isUnsafeAllowed: false,
  wasSent: true,
  isResponseStarted: false,
  isBodyReplayable: true,
  failure: "reset",
  attemptsSent: 1,
  retriesAllowed: 2,
  takeBudget: () => true,
};

const input = fc.record<RetryInput>({
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
  hasIdempotencyKey: fc.boolean(),
  isModelCallBeforeCommit: fc.boolean(),
  isUnsafeAllowed: fc.boolean(),
  wasSent: fc.boolean(),
  isResponseStarted: fc.boolean(),
  isBodyReplayable: fc.boolean(),
  failure: fc.constantFrom("refused", "reset", "timeout"),
  attemptsSent: fc.integer({ min: 1, max: 5 }),
  retriesAllowed: fc.integer({ min: 0, max: 3 }),
  takeBudget: fc.boolean().map((isLeft) => () => isLeft),
});

describe("decideRetry", () => {
  it("always retries when nothing was sent, without asking the budget", () => {
    const decision = decideRetry({
      ...base,
      wasSent: false,
      failure: "refused",
      attemptsSent: 9,
      takeBudget: () => expect.fail("asked"),
    });
    expect(decision.action).toBe("retry");
  });

  it("gives a sent POST up with the code that says it may have been executed", () => {
    expect(decideRetry(base)).toEqual({
      action: "give-up",
      code: "FB_GATEWAY_UPSTREAM_LOST",
      reason: "it may have been executed",
    });
  });

  it.each([
    ["GET", { method: "GET" }],
    ["PUT", { method: "PUT" }],
    ["DELETE", { method: "DELETE" }],
    ["a POST with an Idempotency-Key", { hasIdempotencyKey: true }],
    ["a model call before content", { isModelCallBeforeCommit: true }],
    ["a POST whose route opted in", { isUnsafeAllowed: true }],
  ])("retries %s after its bytes were sent", (_name, change) => {
    expect(decideRetry({ ...base, ...change }).action).toBe("retry");
  });

  it("never answers cleanly when the response had begun", () => {
    expect(decideRetry({ ...base, method: "GET", isResponseStarted: true }).action).toBe("break-off");
  });

  it("answers a time-out with its own code and does not spend another limit on a plain request", () => {
    const decision = decideRetry({ ...base, method: "GET", failure: "timeout" });
    expect(decision).toMatchObject({ action: "give-up", code: "FB_GATEWAY_TIMEOUT" });
    const model = { ...base, failure: "timeout", isModelCallBeforeCommit: true } as const;
    expect(decideRetry(model).action).toBe("retry");
  });

  it.each([
    ["the attempts are used", { attemptsSent: 3 }],
    ["the budget is spent", { takeBudget: () => false }],
    ["the body cannot be sent again", { isBodyReplayable: false }],
  ])("gives an idempotent request up when %s", (_name, change) => {
    expect(decideRetry({ ...base, method: "GET", ...change }).action).toBe("give-up");
  });

  it("never sends twice what may have been executed and nobody declared harmless", () => {
    fc.assert(
      fc.property(input, (each) => {
        const isHarmless =
          !["POST", "PATCH"].includes(each.method) ||
          each.hasIdempotencyKey ||
          each.isModelCallBeforeCommit ||
          each.isUnsafeAllowed;
        const decision = decideRetry(each);
        if (each.wasSent && !isHarmless) return decision.action !== "retry";
        if (each.isResponseStarted) return decision.action === "break-off";
        return each.wasSent || decision.action === "retry";
      }),
    );
  });
});
