import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import type { CapLearner } from "./cap-learner.ts";
import { createEndpointCap } from "./endpoint-cap.ts";
import { createSimpleEngine, type SimpleEngine } from "./testing/simple-engine.ts";

/** An engine of so many places whose tokens take `baseMs` + `sequenceMs` for each request. */
function engineOf(places: number, baseMs: number, sequenceMs: number): SimpleEngine {
  const cost = { prefillMs: 0.02, contextMs: 0, noise: 0.2, random: seededRandom(5) };
  return createSimpleEngine({ ...cost, places, baseMs, sequenceMs });
}

/** So many clients, each of whom asks again when he was answered, if there is room under the cap. */
function drive(cap: CapLearner, engine: SimpleEngine, clients: number, untilMs: number): void {
  while (engine.now < untilMs) {
    const most = Math.min(clients, cap.cap);
    while (engine.running + engine.waiting < most) engine.send(50, 100);
    const { decoding, tookMs } = engine.step();
    if (decoding > 0)
      cap.addTokenGap(
        tookMs,
        { running: decoding, active: Math.max(decoding, engine.running + engine.waiting) },
        engine.now,
      );
  }
}

describe("the cap of an endpoint of which nobody has said what it bears", () => {
  it("comes down from the top until tokens come as often as is wanted", () => {
    const cap = createEndpointCap(100);
    // 600 requests at once: 1.2 s between tokens. 45 keep 100 ms.
    drive(cap, engineOf(4_096, 10, 2), 600, 300_000);
    expect(cap.cap).toBeGreaterThan(30);
    expect(cap.cap).toBeLessThan(55);
    expect(cap.reason).toBe("objective");
  });

  it("has an objective where nobody names one", () => {
    const cap = createEndpointCap(undefined);
    drive(cap, engineOf(4_096, 10, 2), 600, 300_000);
    expect(cap.cap).toBeLessThan(55);
  });

  it("falls also where tokens take two seconds from the first look on", () => {
    const cap = createEndpointCap(undefined);
    for (let look = 0; look < 80 * 60; look += 1) {
      cap.addTokenGap(2_000, { running: 500, active: 500, gaps: 250 }, look * 1_000);
    }
    expect(cap.cap).toBeLessThan(500);
  });

  it("does not hold an engine to its least that is slow with a single request", () => {
    const cap = createEndpointCap(undefined);
    // 200 ms alone, 216 with eight at once: the objective is thrice what one takes.
    drive(cap, engineOf(4_096, 200, 2), 8, 300_000);
    expect(cap.cap).toBeGreaterThanOrEqual(8);
  });

  it("foresees no more than twice what was seen, and what the gaps allow", () => {
    const cap = createEndpointCap(100);
    expect(cap.foreseen).toBeUndefined();
    drive(cap, engineOf(4_096, 10, 0.1), 20, 30_000);
    expect(cap.cap).toBe(4_096);
    expect(cap.foreseen).toBe(40);
    const slow = createEndpointCap(100);
    drive(slow, engineOf(4_096, 10, 2), 40, 60_000);
    expect(slow.cap).toBe(4_096);
    expect(slow.foreseen).toBeGreaterThan(30);
    expect(slow.foreseen).toBeLessThan(55);
  });
});
