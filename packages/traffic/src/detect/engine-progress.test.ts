import type { EngineCounters } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addEngineEvidence,
  addEngineRequests,
  createEngineProgress,
  engineStateOf,
  findStalledEngines,
  type EngineTable,
} from "./engine-progress.ts";
import { reportOf } from "./testing/report-of.ts";

const ENGINE = { kind: "engine", pool: "llm", endpoint: "llm/0" } as const;

function read(table: EngineTable, at: number, counters: Partial<EngineCounters>): void {
  addEngineEvidence(table, { ...ENGINE, at, counters: { running: 0, waiting: 0, progress: 0, ...counters } });
}

function fail(table: EngineTable, at: number, failure: string): void {
  addEngineEvidence(table, { ...ENGINE, at, failure });
}

const stateOf = (table: EngineTable, now: number) => engineStateOf(table, "llm/0", now);

/** An engine that works for `worksMs`, read once a second. */
function worked(worksMs: number): EngineTable {
  const table = createEngineProgress();
  for (let at = 0; at <= worksMs; at += 1_000) read(table, at, { running: 4, progress: 100 + at });
  return table;
}

describe("what an engine does", () => {
  it("is idle, working, saturated or starting, and none of these is a finding", () => {
    const table = createEngineProgress();
    expect(stateOf(table, 0)).toBe("unknown");
    read(table, 0, {});
    expect(stateOf(table, 0)).toBe("idle");
    read(table, 1_000, { running: 1 });
    expect(stateOf(table, 1_000)).toBe("starting");
    read(table, 2_000, { running: 1, progress: 50 });
    expect(stateOf(table, 2_000)).toBe("working");
    read(table, 3_000, { running: 16, waiting: 90, progress: 90 });
    expect(stateOf(table, 3_000)).toBe("saturated");
    expect(stateOf(table, 9_000)).toBe("unknown");
    expect(findStalledEngines(table, 3_000)).toEqual([]);
  });

  it("is hung too when the gateway took its work away for its silence, once trials got nothing; without trials it is idle", () => {
    const silent = (table: EngineTable, at: number, timeout: number): void =>
      addEngineRequests(table, {
        ...reportOf("llm/0", at, { outcomes: { timeout } }),
        ...(timeout > 0 ? { lastBadAt: at } : {}),
        ejected: { since: 64_000, reason: "stuck" },
      });
    const play = (trials: readonly number[]): number => {
      const table = worked(60_000);
      for (let at = 61_000; at <= 75_000; at += 1_000) {
        read(table, at, at < 64_000 ? { running: 4, progress: 60_100 } : { progress: 60_100 });
        if (at >= 64_000) silent(table, at, at === 64_000 ? 4 : trials.includes(at) ? 1 : 0);
        if (findStalledEngines(table, at).length > 0) return at;
      }
      return 0;
    };
    expect(play([66_000, 68_000])).toBeLessThanOrEqual(70_000);
    expect(play([66_000, 68_000])).toBeGreaterThan(60_000);
    expect(play([])).toBe(0);
    expect(play([66_000])).toBe(0);
  });

  it("is hung when it has work and took no step, found within ten seconds of the stall whatever the phase of the reads", () => {
    for (let phase = 0; phase < 1_000; phase += 90) {
      const table = worked(60_000);
      let foundAt = 0;
      for (let at = 60_000 + phase; foundAt === 0; at += 1_000) {
        read(table, at, { running: 4, waiting: 7, progress: 60_100 });
        if (findStalledEngines(table, at).length > 0) foundAt = at;
      }
      expect(foundAt - 60_000).toBeLessThanOrEqual(10_000);
      expect(findStalledEngines(table, foundAt)).toMatchObject([
        { class: "engine-stalled", subject: "llm/0", facts: { state: "hung", running: 4, waiting: 7 } },
      ]);
      expect(findStalledEngines(table, foundAt)[0]?.began.firstBad).toBe(60_000);
    }
  });

  it("is hung too when its queue waits and nothing runs, and no longer when it moves", () => {
    const table = worked(10_000);
    for (let at = 11_000; at <= 20_000; at += 1_000) read(table, at, { waiting: 3, progress: 10_100 });
    expect(stateOf(table, 20_000)).toBe("hung");
    read(table, 21_000, { waiting: 2, running: 1, progress: 10_200 });
    expect(findStalledEngines(table, 21_000)).toEqual([]);
  });

  it("learns long steps from the first of them", () => {
    const table = createEngineProgress();
    const steps = (from: number, to: number, stepMs: number) => {
      let hung = 0;
      for (let at = from; at < to; at += 1_000) {
        read(table, at, { running: 1, progress: 1 + Math.floor(at / stepMs) * stepMs });
        if (stateOf(table, at) === "hung") hung += 1;
      }
      return hung;
    };
    expect(steps(0, 60_000, 1_000)).toBe(0);
    expect(steps(60_000, 75_000, 15_000)).toBeGreaterThan(0);
    expect(steps(75_000, 600_000, 15_000)).toBe(0);
  });

  it("moves when its answers flow, whatever its counters say", () => {
    const table = worked(10_000);
    for (let at = 11_000; at <= 60_000; at += 1_000) {
      addEngineRequests(table, reportOf("llm/0", at, { inFlight: 4, pieces: 5 }));
      read(table, at, { running: 4, progress: 10_100 });
      expect(stateOf(table, at)).toBe("working");
    }
  });

  it("is saturated, never dead or hung, when it is too busy to be read", () => {
    const table = worked(10_000);
    for (let at = 11_000; at <= 120_000; at += 1_000) {
      fail(table, at, "no answer within 2,000 ms");
      expect(stateOf(table, at)).toBe("saturated");
    }
    expect(findStalledEngines(table, 120_000)).toEqual([]);
  });

  it("is dead at the second refused read, and back with the first answer", () => {
    const table = worked(10_000);
    fail(table, 11_000, "connect ECONNREFUSED 127.0.0.1:8000");
    expect(findStalledEngines(table, 11_000)).toEqual([]);
    fail(table, 12_000, "connect ECONNREFUSED 127.0.0.1:8000");
    expect(findStalledEngines(table, 12_000)).toMatchObject([
      { class: "frozen", facts: { state: "dead" }, began: { lastGood: 10_000, firstBad: 11_000 } },
    ]);
    read(table, 13_000, {});
    expect(stateOf(table, 13_000)).toBe("idle");
  });

  it("begins anew when its counters fall, with its time to start", () => {
    const table = worked(10_000);
    for (let at = 11_000; at <= 60_000; at += 1_000) {
      read(table, at, { running: 1, progress: 0 });
      expect(stateOf(table, at)).toBe("starting");
    }
    for (let at = 61_000; at <= 140_000; at += 1_000) read(table, at, { running: 1, progress: 0 });
    expect(stateOf(table, 140_000)).toBe("hung");
  });

  it("is not hung because nobody read its counters for a while", () => {
    const table = worked(10_000);
    read(table, 300_000, { running: 1, progress: 10_100 });
    expect(stateOf(table, 300_000)).toBe("working");
  });

  it("property: what moves or has no work is never hung, and only refusals are death", () => {
    const step = fc.record({
      kind: fc.constantFrom("move", "idle", "slow read"),
      waiting: fc.nat(200),
      pauseMs: fc.integer({ min: 100, max: 8_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const table = createEngineProgress();
        let at = 0;
        let progress = 1;
        for (const { kind, waiting, pauseMs } of steps) {
          at += pauseMs;
          if (kind === "slow read") fail(table, at, "timed out");
          else if (kind === "idle") read(table, at, { progress });
          else read(table, at, { running: 1, waiting, progress: (progress += 1) });
          expect(findStalledEngines(table, at)).toEqual([]);
        }
      }),
    );
  });
});
