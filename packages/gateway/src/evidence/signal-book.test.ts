import { describe, expect, it } from "vitest";
import { addAttempt, createEndpointEvidence, takeEvidence } from "./endpoint-evidence.ts";
import { addRequest, createPoolSums } from "./pool-evidence.ts";
import { createSignalBook, MAX_KEPT } from "./signal-book.ts";

const LOAD = { inFlight: () => 2, weightedAverageLoad: () => 0.5 };

function evidence(at: number, outcome: "succeeded" | "reset", latencyMs = 10) {
  const sums = createEndpointEvidence("web", "web/0@1");
  addAttempt(sums, { outcome, latencyMs, at, ...(outcome === "reset" ? { failure: `reset at ${at}` } : {}) });
  return takeEvidence(sums);
}

describe("the signal book", () => {
  it("merges what workers saw of one endpoint", () => {
    const book = createSignalBook();
    book.add([evidence(100, "succeeded"), evidence(130, "reset", 40)], [], 150);
    book.add([evidence(120, "reset"), evidence(140, "succeeded")], [], 160);
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
        lastGoodAt: 140,
        firstBadAt: 120,
        lastBadAt: 130,
        lastFailure: "reset at 130",
      },
    ]);
    expect(book.take(LOAD, 300)).toEqual([]);
  });

  it("adds the requests of a pool and says its load", () => {
    const book = createSignalBook();
    const sums = createPoolSums("web");
    addRequest(sums, { isGood: true, wasRetried: true, at: 5 });
    addRequest(sums, { isGood: false, wasRetried: false, at: 6 });
    book.add([], [sums], 7);
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
      book.add([{ ...evidence(index, "succeeded"), endpoint: `e${index}` }], [], index);
    }
    expect(book.take(LOAD, 0)).toHaveLength(MAX_KEPT);
  });
});
