import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  breakerFailed,
  breakerPermission,
  createBreaker,
  enterBreaker,
  slowStartShare,
  type Breaker,
} from "./breaker.ts";
import { hearOfProbe, type SharedProbe } from "./shared-probe.ts";

/** Ejected at 1,000; its own next probe is at 1,250. */
function ejected(): Breaker {
  const breaker = createBreaker();
  breakerFailed(breaker, enterBreaker(breaker, 1_000, 60_000), "refused", {
    now: 1_000,
    random: () => 0,
    pool: [breaker],
  });
  return breaker;
}

describe("what other workers know of an ejected endpoint", () => {
  it.each<[string, SharedProbe, number, string]>([
    ["nothing", { kind: "none" }, 1_249, "refuse"],
    ["nothing, and its own time has come", { kind: "none" }, 1_250, "probe"],
    ["that one is being asked", { kind: "probing", until: 61_000 }, 2_000, "refuse"],
    ["that one was asked and is silent", { kind: "probing", until: 61_000 }, 61_000, "probe"],
    ["that it failed again", { kind: "resting", until: 3_000, pauses: 2 }, 2_999, "refuse"],
    ["that its pause is over", { kind: "resting", until: 3_000, pauses: 2 }, 3_000, "probe"],
    ["that it came back", { kind: "returned", at: 1_100 }, 1_101, "send"],
    ["that it came back before it was ejected here", { kind: "returned", at: 1_000 }, 1_001, "refuse"],
  ])("%s", (_name, shared, now, expected) => {
    expect(hearOfProbe(ejected(), shared, now)).toBe(expected);
  });

  it("does not touch one that is in use", () => {
    expect(hearOfProbe(createBreaker(), { kind: "resting", until: 9_000, pauses: 3 }, 1_000)).toBe("send");
  });

  it("brings it back slowly, from the moment at which it came back", () => {
    const breaker = ejected();
    hearOfProbe(breaker, { kind: "returned", at: 2_000 }, 7_000);
    expect(breakerPermission(breaker, 7_000)).toBe("send");
    expect(slowStartShare(breaker, 7_000)).toBeCloseTo(0.55);
  });

  it("makes pauses grow as if all probes had been its own", () => {
    const breaker = ejected();
    hearOfProbe(breaker, { kind: "resting", until: 2_000, pauses: 3 }, 2_000);
    const ejection = breakerFailed(breaker, enterBreaker(breaker, 2_000, 60_000), "refused", {
      now: 2_000,
      random: () => 0,
      pool: [breaker],
    });
    expect(ejection?.until).toBe(2_000 + 250 * 2 ** 4);
  });

  it("never keeps it away for longer than what it says", () => {
    const time = fc.integer({ min: 0, max: 100_000 });
    const shared = fc.oneof<fc.Arbitrary<SharedProbe>[]>(
      fc.record({ kind: fc.constant("probing" as const), until: time }),
      fc.record({ kind: fc.constant("resting" as const), until: time, pauses: fc.nat(20) }),
      fc.record({ kind: fc.constant("returned" as const), at: time }),
    );
    fc.assert(
      fc.property(shared, (probe) => {
        const until = Math.max(1_250, "until" in probe ? probe.until : 0);
        expect(hearOfProbe(ejected(), probe, until)).not.toBe("refuse");
      }),
    );
  });
});
