import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CLOSED,
  FIRST_PAUSE_MS,
  MAX_PAUSE_MS,
  PROBE_LIMIT_MS,
  nextProbeAt,
  onConnected,
  onProbeAbandoned,
  onProbeSent,
  onRefused,
  permissionOf,
  type BreakerState,
} from "./endpoint-breaker.ts";

describe("the breaker of one endpoint", () => {
  it("ejects at the first refused connection and lets one probe go after 250 ms", () => {
    const ejected = onRefused(CLOSED, 1_000);
    expect(permissionOf(ejected, 1_000)).toBe("refuse");
    expect(permissionOf(ejected, 1_000 + FIRST_PAUSE_MS - 1)).toBe("refuse");
    expect(permissionOf(ejected, 1_000 + FIRST_PAUSE_MS)).toBe("probe");
    const probing = onProbeSent(ejected, 1_250);
    expect(permissionOf(probing, 1_251)).toBe("refuse");
    expect(permissionOf(onConnected(), 1_252)).toBe("send");
  });

  it("doubles the pause with each refused probe up to ten seconds", () => {
    let now = 0;
    let state = onRefused(CLOSED, now);
    const pauses: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      pauses.push(nextProbeAt(state) - now);
      now = nextProbeAt(state);
      state = onRefused(onProbeSent(state, now), now);
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, MAX_PAUSE_MS, MAX_PAUSE_MS]);
  });

  it("does not lengthen the pause for refusals of requests that were on their way at the ejection", () => {
    const ejected = onRefused(CLOSED, 0);
    expect(onRefused(ejected, 10)).toBe(ejected);
  });

  it("lets another probe go at once when the client of the first one left", () => {
    const probing = onProbeSent(onRefused(CLOSED, 0), 250);
    expect(permissionOf(onProbeAbandoned(probing, 300), 300)).toBe("probe");
  });

  it("is never stuck: whatever happened, a probe or a request may go within ten seconds", () => {
    const event = fc.constantFrom("refused", "connected", "probe", "abandoned");
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 15_000 })), { maxLength: 60 }), (events) => {
        let now = 0;
        let state: BreakerState = CLOSED;
        let probes = 0;
        for (const [kind, waitMs] of events) {
          now += waitMs;
          const permission = permissionOf(state, now);
          if (kind === "refused") state = onRefused(state, now);
          else if (kind === "connected") state = onConnected();
          else if (kind === "abandoned") state = onProbeAbandoned(state, now);
          else if (permission === "probe") {
            state = onProbeSent(state, now);
            probes += 1;
            expect(permissionOf(state, now)).toBe("refuse");
          }
        }
        expect(probes).toBeLessThanOrEqual(events.length);
        const latest = now + Math.max(MAX_PAUSE_MS, PROBE_LIMIT_MS);
        expect(permissionOf(state, latest)).not.toBe("refuse");
      }),
    );
  });
});
