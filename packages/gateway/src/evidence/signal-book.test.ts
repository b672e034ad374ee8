import { describe, expect, it } from "vitest";
import { addDuration } from "./duration-sums.ts";
import {
  addAttempt,
  addJudged,
  addPiece,
  createEndpointEvidence,
  takeEvidence,
  type ReportedEvidence,
} from "./endpoint-evidence.ts";
import { addRequest, createPoolSums } from "./pool-evidence.ts";
import { createSignalBook, MAX_KEPT } from "./signal-book.ts";
import { IDLE, type Standing } from "./standing.ts";

const LOAD = { inFlight: () => 2, weightedAverageLoad: () => 0.5 };

function evidence(
  at: number,
  outcome: "succeeded" | "reset",
  latencyMs = 10,
  standing: Standing = IDLE,
): ReportedEvidence {
  const sums = createEndpointEvidence("web", "web/0@1");
  addAttempt(sums, { outcome, latencyMs, at, ...(outcome === "reset" ? { failure: `reset at ${at}` } : {}) });
  return { ...takeEvidence(sums), standing };
}

describe("the signal book", () => {
  it("merges what workers saw of one endpoint", () => {
    const book = createSignalBook();
    book.add(0, { endpoints: [evidence(100, "succeeded"), evidence(130, "reset", 40)], pools: [] }, 150);
    book.add(1, { endpoints: [evidence(120, "reset"), evidence(140, "succeeded")], pools: [] }, 160);
    expect(book.take(LOAD, 200)).toEqual([
      {
        kind: "requests",
        pool: "web",
        endpoint: "web/0@1",
        from: 150,
        to: 200,
        outcomes: { succeeded: 2, reset: 2 },
        inFlight: 2,
        latencySumMs: 70,
        latencyMaxMs: 40,
        pieces: 0,
        bytes: 0,
        oldestWaitMs: 0,
        oldestSilenceMs: 0,
        stuck: 0,
        stuckStreams: 0,
        lastGoodAt: 140,
        firstBadAt: 120,
        lastBadAt: 130,
        lastFailure: "reset at 130",
      },
    ]);
    expect(book.take(LOAD, 300)).toEqual([]);
  });

  it("adds durations, pieces, flaws and refusals, and leaves out what there was none of", () => {
    const report = (): ReportedEvidence => {
      const sums = createEndpointEvidence("llm", "llm/0@1");
      addDuration(sums.connect, 2);
      addDuration(sums.firstToken, 100);
      addDuration(sums.firstToken, 300);
      addPiece(sums, 10, undefined);
      addPiece(sums, 20, 50);
      addJudged(sums, "loop");
      addJudged(sums, undefined);
      sums.rateLimited += 1;
      return { ...takeEvidence(sums), standing: IDLE };
    };
    const [first, other] = [createSignalBook(), createSignalBook()];
    const reports = [report(), report()];
    for (const [worker, each] of reports.entries()) {
      first.add(worker, { endpoints: [each], pools: [] }, 1);
      other.add(worker, { endpoints: [each], pools: [] }, 1);
    }
    const [signal] = first.take(LOAD, 2);
    expect(signal).toMatchObject({
      connect: { count: 2, sumMs: 4, maxMs: 2 },
      firstToken: { count: 4, sumMs: 800, maxMs: 300 },
      gap: { count: 2, sumMs: 100, maxMs: 50 },
      pieces: 4,
      bytes: 60,
      judged: 4,
      flaws: { loop: 2 },
      rateLimited: 2,
    });
    expect(signal).not.toHaveProperty("quotaSpent");
    expect(signal).not.toHaveProperty("ejected");
    expect(other.take(LOAD, 2)).toEqual([signal]);
  });

  it("knows of each worker the last word about what is in flight, over windows, and forgets with the worker", () => {
    const book = createSignalBook();
    const say = (worker: number, standing: Partial<Standing>): void =>
      book.add(worker, { endpoints: [evidence(1, "succeeded", 1, { ...IDLE, ...standing })], pools: [] }, 1);
    const waits = { count: 3, oldestWaitMs: 900, stuck: 2 };
    say(0, { ...waits, ejected: { since: 70, reason: "stuck" } });
    say(1, { ...waits, oldestWaitMs: 1_500, oldestSilenceMs: 30, stuckStreams: 1 });
    expect(book.take(LOAD, 2)).toMatchObject([
      { stuck: 4, oldestWaitMs: 1_500, stuckStreams: 1, oldestSilenceMs: 30, ejected: { since: 70, reason: "stuck" } },
    ]);
    say(1, { count: 1, stuck: undefined });
    const [late] = book.take(LOAD, 3);
    expect(late).not.toHaveProperty("stuck");
    expect(late).toMatchObject({ oldestWaitMs: 900, ejected: { since: 70 } });
    book.forgetWorker(0);
    say(1, {});
    expect(book.take(LOAD, 4)).toMatchObject([{ stuck: 0, oldestWaitMs: 0 }]);
  });

  it("adds the requests of a pool and says its load", () => {
    const book = createSignalBook();
    const sums = createPoolSums("web");
    addRequest(sums, { isGood: true, wasRetried: true, at: 5 });
    addRequest(sums, { isGood: false, wasRetried: false, at: 6 });
    book.add(0, { endpoints: [], pools: [sums] }, 7);
    expect(book.take(LOAD, 8)).toEqual([
      {
        kind: "pool",
        pool: "web",
        from: 7,
        to: 8,
        succeeded: 1,
        failed: 1,
        retried: 1,
        weightedAverageLoad: 0.5,
        lastGoodAt: 5,
        firstBadAt: 6,
      },
    ]);
  });

  it("is bounded by the number of endpoints, not by the load", () => {
    const book = createSignalBook();
    for (let index = 0; index < MAX_KEPT + 50; index += 1) {
      book.add(0, { endpoints: [{ ...evidence(index, "succeeded"), endpoint: `e${index}` }], pools: [] }, index);
    }
    expect(book.take(LOAD, 0)).toHaveLength(MAX_KEPT);
  });
});
