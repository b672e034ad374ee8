import { describe, expect, it } from "vitest";
import { decideFailover, type FailoverInput } from "./decide-failover.ts";

const base: FailoverInput = {
  isInTime: true,
  wasSent: true,
  wasAnswered: false,
  isAnotherEndpointLeft: true,
  isLastBackend: false,
  attemptsSent: 1,
  retriesAllowed: 2,
  takeBudget: () => true,
};

describe("decideFailover", () => {
  it.each<[string, Partial<FailoverInput>, string]>([
    ["another instance first", {}, "same-backend"],
    ["the next backend when no instance is left", { isAnotherEndpointLeft: false }, "next-backend"],
    ["the next backend when the attempts are used", { attemptsSent: 3 }, "next-backend"],
    ["the next backend when the budget is spent", { takeBudget: () => false }, "next-backend"],
    [
      "another instance whatever the budget when nothing was sent",
      { wasSent: false, attemptsSent: 9, takeBudget: () => false },
      "same-backend",
    ],
    [
      "the same instance again when there is nobody else and it said nothing",
      { isAnotherEndpointLeft: false, isLastBackend: true },
      "same-backend",
    ],
    [
      "nowhere when the only instance answered no",
      { isAnotherEndpointLeft: false, isLastBackend: true, wasAnswered: true },
      "give-up",
    ],
    ["nowhere when the last backend's attempts are used", { isLastBackend: true, attemptsSent: 3 }, "give-up"],
    ["nowhere when the time is over", { isInTime: false }, "give-up"],
  ])("chooses %s", (_name, change, expected) => {
    expect(decideFailover({ ...base, ...change })).toBe(expected);
  });

  it("asks the budget for the first loss of a call too: a storm has nothing but first losses", () => {
    let asked = 0;
    decideFailover({ ...base, takeBudget: () => (asked += 1) > 0 });
    expect(asked).toBe(1);
  });

  it("does not touch the budget when the attempt would not be made anyway", () => {
    const takeBudget = () => expect.fail("asked");
    decideFailover({ ...base, takeBudget, isAnotherEndpointLeft: false });
    decideFailover({ ...base, takeBudget, attemptsSent: 3 });
    decideFailover({ ...base, takeBudget, isInTime: false });
  });
});
