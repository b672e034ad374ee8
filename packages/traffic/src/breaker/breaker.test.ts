import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  breakerAbandoned,
  breakerConnected,
  breakerFailed,
  breakerPermission,
  breakerProbeAt,
  breakerSucceeded,
  createBreaker,
  enterBreaker,
  FAILING_PAUSE_MS,
  LONGEST_PAUSE_MS,
  REFUSED_PAUSE_MS,
  SLOW_START_MS,
  slowStartShare,
  type Breaker,
} from "./breaker.ts";

const PROBE_LIMIT_MS = 8_000;
const noJitter = () => 0;
const scene = (now: number, pool: readonly Breaker[]) => ({ now, random: noJitter, pool });

function refuse(breaker: Breaker, now: number) {
  return breakerFailed(breaker, enterBreaker(breaker, now, PROBE_LIMIT_MS), "refused", scene(now, [breaker]));
}

describe("the breaker of one endpoint", () => {
  it("ejects at the first refused connection, lets one probe go and returns when its connection stands", () => {
    const breaker = createBreaker();
    expect(refuse(breaker, 1_000)).toMatchObject({ cause: "refused", until: 1_000 + REFUSED_PAUSE_MS });
    expect(breakerPermission(breaker, 1_000 + REFUSED_PAUSE_MS - 1)).toBe("refuse");
    expect(breakerPermission(breaker, 1_000 + REFUSED_PAUSE_MS)).toBe("probe");
    const probe = enterBreaker(breaker, 1_250, PROBE_LIMIT_MS);
    expect(breakerPermission(breaker, 1_251)).toBe("refuse");
    expect(breakerConnected(breaker, probe, 1_252)).toBe(true);
    expect(breakerPermission(breaker, 1_252)).toBe("send");
  });

  it("doubles the pause with each failed probe up to five seconds, and goes on doubling after a return that did not last", () => {
    const breaker = createBreaker();
    let now = 0;
    const pauses: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      refuse(breaker, now);
      pauses.push(breakerProbeAt(breaker) - now);
      now = breakerProbeAt(breaker);
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
    breakerConnected(breaker, enterBreaker(breaker, now, PROBE_LIMIT_MS), now);
    refuse(breaker, now + 5);
    expect(breakerProbeAt(breaker) - now - 5).toBe(LONGEST_PAUSE_MS);
    now = breakerProbeAt(breaker);
    breakerConnected(breaker, enterBreaker(breaker, now, PROBE_LIMIT_MS), now);
    refuse(breaker, now + SLOW_START_MS);
    expect(breakerProbeAt(breaker) - now - SLOW_START_MS).toBe(REFUSED_PAUSE_MS);
  });

  it("is not ejected again by failures that were on their way when it returned", () => {
    const breaker = createBreaker();
    const early = Array.from({ length: 50 }, () => enterBreaker(breaker, 0, PROBE_LIMIT_MS));
    refuse(breaker, 0);
    breakerConnected(breaker, enterBreaker(breaker, 300, PROBE_LIMIT_MS), 300);
    for (const ticket of early) {
      expect(breakerFailed(breaker, ticket, "failing", scene(301, [breaker]))).toBeUndefined();
      expect(breakerFailed(breaker, ticket, "refused", scene(301, [breaker]))).toBeUndefined();
    }
    expect(breakerPermission(breaker, 302)).toBe("send");
  });

  it("needs an answer, not only a connection, to return after failures", () => {
    const breaker = createBreaker();
    const fail = () =>
      breakerFailed(breaker, enterBreaker(breaker, 0, PROBE_LIMIT_MS), "failing", scene(0, [breaker])) !== undefined;
    expect([fail(), fail(), fail(), fail()]).toEqual([false, false, false, true]);
    const probe = enterBreaker(breaker, FAILING_PAUSE_MS, PROBE_LIMIT_MS);
    expect(breakerConnected(breaker, probe, FAILING_PAUSE_MS)).toBe(false);
    expect(breakerSucceeded(breaker, probe, FAILING_PAUSE_MS + 100)).toBe(true);
  });

  it("ignores what requests of a panic say while the one probe is out", () => {
    const breaker = createBreaker();
    refuse(breaker, 0);
    breakerFailed(breaker, enterBreaker(breaker, 250, PROBE_LIMIT_MS), "failing", scene(260, [breaker]));
    const probe = enterBreaker(breaker, breakerProbeAt(breaker), PROBE_LIMIT_MS);
    const now = breakerProbeAt(breaker) - PROBE_LIMIT_MS + 1;
    const panic = enterBreaker(breaker, now, PROBE_LIMIT_MS);
    expect(breakerFailed(breaker, panic, "failing", scene(now, [breaker]))).toBeUndefined();
    expect(breakerSucceeded(breaker, panic, now)).toBe(false);
    expect(breakerPermission(breaker, now)).toBe("refuse");
    expect(breakerSucceeded(breaker, probe, now)).toBe(true);
  });

  it("lets another probe go at once when the client of the first one left", () => {
    const breaker = createBreaker();
    refuse(breaker, 0);
    const probe = enterBreaker(breaker, 250, PROBE_LIMIT_MS);
    breakerAbandoned(breaker, probe, 300);
    expect(breakerPermission(breaker, 300)).toBe("probe");
  });

  it("gives the share back evenly over ten seconds", () => {
    const breaker = createBreaker();
    expect(slowStartShare(breaker, 0)).toBe(1);
    refuse(breaker, 0);
    breakerConnected(breaker, enterBreaker(breaker, 250, PROBE_LIMIT_MS), 250);
    expect([0, 5_000, 10_000, 60_000].map((at) => slowStartShare(breaker, 250 + at))).toEqual([0.1, 0.55, 1, 1]);
  });

  it("shortens pauses by chance and never beyond their cap", () => {
    const random = seededRandom(3);
    const ends = Array.from({ length: 200 }, () => {
      const breaker = createBreaker();
      breaker.pauses = 20;
      breaker.returnedAt = 0;
      breakerFailed(breaker, 0, "refused", { now: 0, random, pool: [breaker] });
      return breakerProbeAt(breaker);
    });
    expect(Math.max(...ends)).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(LONGEST_PAUSE_MS * 0.8);
    expect(new Set(ends).size).toBe(200);
  });
});

// Requests with all the delays that a network makes, against a model that knows only: who is out, and which probe counts.
describe("the breaker under any interleaving of sending, results, lost results and pauses", () => {
  interface Sent {
    readonly ticket: number;
    readonly sentAt: number;
    readonly isProbe: boolean;
  }
  const action = fc.record({
    kind: fc.constantFrom("send", "panic", "connect", "succeed", "fail", "refuse", "leave", "lose"),
    which: fc.nat(20),
    waitMs: fc.integer({ min: 0, max: 4_000 }),
  });

  it("has at most one probe in its time, and is never stuck", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const breaker = createBreaker();
        const out: Sent[] = [];
        let now = 0;
        for (const { kind, which, waitMs } of actions) {
          now += waitMs;
          const permission = breakerPermission(breaker, now);
          if (kind === "send" || kind === "panic") {
            if (kind === "send" && permission === "refuse") continue;
            const isProbe = permission === "probe";
            if (isProbe && breaker.phase === "probing") {
              const running = out.filter((each) => each.isProbe && each.ticket === breaker.era);
              expect(running.every(({ sentAt }) => now - sentAt >= PROBE_LIMIT_MS)).toBe(true);
            }
            out.push({ ticket: enterBreaker(breaker, now, PROBE_LIMIT_MS), sentAt: now, isProbe });
            if (isProbe) expect(breakerPermission(breaker, now)).toBe("refuse");
            continue;
          }
          const [sent] = out.length > 0 ? out.splice(which % out.length, 1) : [];
          if (!sent) continue;
          const phaseBefore = breaker.phase;
          if (kind === "connect") breakerConnected(breaker, sent.ticket, now);
          if (kind === "succeed") breakerSucceeded(breaker, sent.ticket, now);
          if (kind === "leave") breakerAbandoned(breaker, sent.ticket, now);
          if (kind === "fail") breakerFailed(breaker, sent.ticket, "failing", scene(now, [breaker]));
          if (kind === "refuse") breakerFailed(breaker, sent.ticket, "refused", scene(now, [breaker]));
          // Only a probe, or a connection where connections had been refused, brings it back.
          if (phaseBefore !== "closed" && breaker.phase === "closed" && kind !== "connect") {
            expect(sent.isProbe).toBe(true);
          }
          if (breaker.phase === "ejected") expect(breakerProbeAt(breaker) - now).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
        }
        // Whatever was lost, somebody may go within the longest pause or the probe's limit …
        const later = now + Math.max(LONGEST_PAUSE_MS, PROBE_LIMIT_MS);
        expect(breakerPermission(breaker, later)).not.toBe("refuse");
        // … and one good answer closes it, after which it stays closed.
        const ticket = enterBreaker(breaker, later, PROBE_LIMIT_MS);
        breakerSucceeded(breaker, ticket, later);
        expect(breakerPermission(breaker, later)).toBe("send");
        const late = out.filter((sent) => sent.ticket !== breaker.era);
        for (const sent of late) breakerFailed(breaker, sent.ticket, "refused", scene(later, [breaker]));
        expect(breakerPermission(breaker, later)).toBe("send");
      }),
      { numRuns: 500 },
    );
  });
});
