import type { RequestEvidence } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addStuckRequests, createStuckRequests, findStuckRequests } from "./stuck-requests.ts";
import { addStuckStreams, createStuckStreams, findStuckStreams } from "./stuck-streams.ts";
import { reportOf } from "./testing/report-of.ts";

const BOUND_MS = 2_000;

/** A report of a gateway that knows bounds. */
function seen(endpoint: string, to: number, rest: Partial<RequestEvidence> = {}): RequestEvidence {
  return reportOf(endpoint, to, { stuck: 0, ...rest });
}

/** An endpoint that answers five requests a second until it hangs, and how many hang then. */
function hang(endpoint: string, to: number, since: number): RequestEvidence {
  if (to <= since)
    return seen(endpoint, to, { outcomes: { succeeded: 1 }, lastGoodAt: to - 10, bytes: 100, inFlight: 1 });
  const inFlight = Math.ceil((to - since) / 200);
  const stuck = Math.max(0, Math.ceil((to - since - BOUND_MS) / 200));
  return seen(endpoint, to, { inFlight, stuck, oldestWaitMs: to - since });
}

describe("stuck requests", () => {
  it("are found at the endpoint that hangs while its peers answer, within a second of the bound", () => {
    const table = createStuckRequests();
    let foundAt = 0;
    for (let now = 200; now <= 10_000 && foundAt === 0; now += 200) {
      addStuckRequests(table, hang("a/0", now, 4_000));
      addStuckRequests(table, hang("a/1", now, 99_000));
      const [finding] = findStuckRequests(table, now);
      if (finding === undefined) continue;
      foundAt = now;
      expect(finding).toMatchObject({
        class: "stuck-requests",
        subject: "a/0",
        began: { lastGood: 3_990, firstBad: 4_000 },
      });
      expect(finding.facts).toMatchObject({ finePeers: 1 });
    }
    expect(foundAt).toBeGreaterThan(4_000 + BOUND_MS);
    expect(foundAt).toBeLessThanOrEqual(4_000 + BOUND_MS + 1_000);
  });

  it("are found at the only endpoint by its own history", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 8_000; now += 200) addStuckRequests(table, hang("a/0", now, 4_000));
    expect(findStuckRequests(table, 8_000)).toMatchObject([{ subject: "a/0", facts: { finePeers: 0 } }]);
  });

  it("are the pool's when most of it hangs: the cause is behind it", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 8_000; now += 200) {
      for (const endpoint of ["a/0", "a/1", "a/2"]) {
        addStuckRequests(table, hang(endpoint, now, endpoint === "a/2" ? 99_000 : 4_000));
      }
    }
    const [finding, ...others] = findStuckRequests(table, 8_000);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ subject: "a", facts: { stuckEndpoints: 2, endpoints: 3 } });
  });

  it("are over with an answer, and not because their time-outs emptied the endpoint", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 8_000; now += 200) addStuckRequests(table, hang("a/0", now, 4_000));
    addStuckRequests(table, seen("a/0", 8_200, { outcomes: { timeout: 20 } }));
    expect(findStuckRequests(table, 8_200)).toHaveLength(1);
    addStuckRequests(table, seen("a/0", 8_400, { outcomes: { succeeded: 1 }, lastGoodAt: 8_390 }));
    expect(findStuckRequests(table, 8_400)).toEqual([]);
  });

  it("are forgotten when nothing was tried for a minute", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 8_000; now += 200) addStuckRequests(table, hang("a/0", now, 4_000));
    expect(findStuckRequests(table, 60_000)).toHaveLength(1);
    expect(findStuckRequests(table, 70_000)).toEqual([]);
  });

  it("are none when one long request waits, beside others or alone until four times the bound", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 60_000; now += 200) {
      const wait = { inFlight: 2, stuck: now > BOUND_MS ? 1 : 0, oldestWaitMs: now };
      addStuckRequests(table, seen("a/0", now, { ...wait, outcomes: { succeeded: 1 }, lastGoodAt: now }));
      expect(findStuckRequests(table, now)).toEqual([]);
    }
    const alone = createStuckRequests();
    const wait = (now: number) => seen("a/0", now, { inFlight: 1, stuck: now > BOUND_MS ? 1 : 0, oldestWaitMs: now });
    for (let now = 200; now < 4 * BOUND_MS; now += 200) {
      addStuckRequests(alone, wait(now));
      expect(findStuckRequests(alone, now)).toEqual([]);
    }
    for (let now = 4 * BOUND_MS; now <= 5 * BOUND_MS; now += 200) addStuckRequests(alone, wait(now));
    expect(findStuckRequests(alone, 5 * BOUND_MS)).toHaveLength(1);
  });

  it("are none when a long queue waits before an engine whose streams flow", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 60_000; now += 200) {
      addStuckRequests(
        table,
        seen("a/0", now, { inFlight: 120, stuck: 100, oldestWaitMs: 30_000, pieces: 40, bytes: 4_000 }),
      );
      expect(findStuckRequests(table, now)).toEqual([]);
    }
  });

  it("are found as a pile where some threads hang and others answer", () => {
    const table = createStuckRequests();
    for (let now = 200; now <= 6_000; now += 200) {
      const good = { outcomes: { succeeded: 1 }, lastGoodAt: now };
      addStuckRequests(table, seen("a/0", now, { ...good, inFlight: 6, stuck: 5, oldestWaitMs: 5_000 }));
    }
    expect(findStuckRequests(table, 6_000)).toHaveLength(1);
  });

  it("property: nothing is found where nothing is stuck, and memory is bounded", () => {
    const report = fc.record({ endpoint: fc.nat(30_000), inFlight: fc.nat(50), good: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 100 }), (reports) => {
        const table = createStuckRequests();
        for (const [index, { endpoint, inFlight, good }] of reports.entries()) {
          addStuckRequests(table, seen(`a/${endpoint}`, index * 200, { inFlight, outcomes: { succeeded: good } }));
          expect(findStuckRequests(table, index * 200)).toEqual([]);
        }
      }),
    );
    const table = createStuckRequests();
    for (let endpoint = 0; endpoint < 20_000; endpoint += 1) addStuckRequests(table, seen(`a/${endpoint}`, endpoint));
    expect(table.size).toBe(10_000);
  });
});

describe("stuck streams", () => {
  it("are found apart from requests that wait", () => {
    const table = createStuckStreams();
    for (let now = 200; now <= 6_000; now += 200) {
      const silent = now <= 2_000 ? {} : { stuckStreams: 8, oldestSilenceMs: 15_000 + now, oldestWaitMs: 100 };
      addStuckStreams(
        table,
        seen("a/0", now, { inFlight: 9, pieces: now <= 2_000 ? 20 : 0, stuckStreams: 0, ...silent }),
      );
    }
    expect(findStuckStreams(table, 6_000)).toMatchObject([
      { class: "stuck-streams", subject: "a/0", facts: { stuck: 8 } },
    ]);
  });

  it("are none while most streams of the endpoint flow", () => {
    const table = createStuckStreams();
    for (let now = 200; now <= 60_000; now += 200) {
      addStuckStreams(table, seen("a/0", now, { inFlight: 9, pieces: 20, stuckStreams: 2, oldestSilenceMs: 30_000 }));
      expect(findStuckStreams(table, now)).toEqual([]);
    }
  });
});
