import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCapLearner, type CapLearner } from "./cap-learner.ts";
import { createSimpleEngine, type SimpleEngine } from "./testing/simple-engine.ts";

const BOUNDS = { minimum: 1, maximum: 512, initial: 8 };
const COST = { baseMs: 10, prefillMs: 0.02, sequenceMs: 0.02, contextMs: 0.0001, noise: 0.2 };

function engineOf(places: number, cost: Partial<typeof COST> = {}): SimpleEngine {
  return createSimpleEngine({ ...COST, ...cost, places, random: seededRandom(5) });
}

/** Runs the engine as full as the cap allows for so long; `scrapeMs` 0: it has no metrics. */
function drive(
  learner: CapLearner,
  engine: SimpleEngine,
  untilMs: number,
  scrapeMs: number,
  most = Number.POSITIVE_INFINITY,
): readonly number[] {
  const random = seededRandom(6);
  const caps: number[] = [];
  let nextScrape = engine.now;
  while (engine.now < untilMs) {
    while (engine.running + engine.waiting < Math.min(most, learner.cap))
      engine.send(50, 20 + Math.floor(random() * 200));
    const step = engine.step();
    const active = engine.running + engine.waiting;
    const running = Math.max(1, step.decoding);
    const load = { running, active: Math.max(running, active) };
    if (step.decoding > 0) learner.addTokenGap(step.tookMs, load, engine.now);
    for (const { sentAt, uncachedAhead } of step.firstTokens) {
      learner.addFirstToken(engine.now - sentAt, 20 + COST.prefillMs * uncachedAhead, load, engine.now);
    }
    if (scrapeMs > 0 && engine.now >= nextScrape) {
      learner.addScrape({ waiting: engine.waiting, running: engine.running, preemptions: 0 }, engine.now);
      nextScrape = engine.now + scrapeMs;
    }
    caps.push(learner.cap);
  }
  return caps;
}

describe("createCapLearner", () => {
  it("begins where it is told, within its bounds", () => {
    expect(createCapLearner({ bounds: BOUNDS })).toMatchObject({ cap: 8, reason: "initial" });
    expect(createCapLearner({ bounds: { minimum: 2, maximum: 4, initial: 50 } }).cap).toBe(4);
  });

  it("finds the places of an engine that tells its queue", () => {
    const learner = createCapLearner({ bounds: BOUNDS });
    drive(learner, engineOf(100), 60_000, 1000);
    const caps = drive(learner, engineOf(100), 60_000, 1000);
    expect(Math.max(...caps)).toBeLessThanOrEqual(112);
    expect(Math.min(...caps.slice(caps.length / 2))).toBeGreaterThanOrEqual(90);
    expect(learner.reason).toBe("engine-waiting");
  });

  it("finds the places of an engine without metrics, from first tokens that come late", () => {
    const learner = createCapLearner({ bounds: BOUNDS });
    const caps = drive(learner, engineOf(4), 120_000, 0);
    expect(learner.cap).toBeGreaterThanOrEqual(4);
    expect(learner.cap).toBeLessThanOrEqual(6);
    expect(Math.min(...caps)).toBeGreaterThanOrEqual(4);
  });

  it("stops where the gaps between tokens would miss the objective", () => {
    const learner = createCapLearner({ bounds: BOUNDS, itlObjectiveMs: 20 });
    const engine = engineOf(512, { sequenceMs: 0.2 });
    drive(learner, engine, 120_000, 1000);
    const gaps: number[] = [];
    while (engine.now < 180_000) {
      while (engine.running < learner.cap) engine.send(50, 100);
      gaps.push(engine.step().tookMs);
    }
    const meanMs = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(learner.reason).toBe("objective");
    expect(meanMs).toBeGreaterThan(14);
    expect(meanMs).toBeLessThan(22);
  });

  it("finds the places from far above, where nobody has said how many there are", () => {
    for (const scrapeMs of [500, 2000, 0]) {
      const learner = createCapLearner({ bounds: { minimum: 4, maximum: 4096, initial: 4096 } });
      const engine = engineOf(100);
      // 130 clients, each of whom asks again when he was answered.
      for (let sent = 0; sent < 130; sent += 1) engine.send(50, 100);
      drive(learner, engine, 90_000, scrapeMs, 130);
      expect(learner.reason).toBe("engine-waiting");
      expect(learner.cap).toBeGreaterThanOrEqual(90);
      expect(learner.cap).toBeLessThanOrEqual(120);
    }
  });

  it("takes many that wait for a queue however far above the cap is, and a few for a moment", () => {
    const bounds = { minimum: 4, maximum: 4096, initial: 4096 };
    for (const [waiting, cap] of [
      [30, 100],
      [9, 4096],
    ] as const) {
      const learner = createCapLearner({ bounds });
      for (let look = 0; look < 3; look += 1) {
        learner.addScrape({ waiting, running: 100, preemptions: 0 }, look * 1000);
      }
      expect(learner.cap).toBe(cap);
    }
  });

  it("weighs a look by its gaps, so slow looks in which little comes do not count for more", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, maximum: 100, initial: 100 }, itlObjectiveMs: 50 });
    for (let look = 0; look < 1000; look += 1) {
      // Half a second each: 20 ms between tokens, or 100 where a prompt is read; 60 on average over looks, 33 over tokens.
      const itlMs = look % 2 === 0 ? 20 : 100;
      learner.addTokenGap(itlMs, { running: 90, active: 95, gaps: 90 / itlMs }, look * 500);
    }
    expect(learner.cap).toBe(100);
  });

  it("falls when two windows miss the objective, and not for one that held a long prompt", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, maximum: 100, initial: 100 }, itlObjectiveMs: 20 });
    let now = 0;
    const window = (itlMs: number): number => {
      for (let sample = 0; sample < 33; sample += 1) {
        now += 40;
        learner.addTokenGap(itlMs, { running: 90, active: 95 }, now);
      }
      return learner.cap;
    };
    expect([15, 40, 15].map(window)).toEqual([100, 100, 100]);
    expect(window(40)).toBe(100);
    // Over all of it tokens came 30 ms apart: of 95 two thirds keep 20.
    expect(window(40)).toBe(63);
    expect(learner.reason).toBe("objective");
  });

  it("stops where more requests bring no more tokens", () => {
    const learner = createCapLearner({ bounds: BOUNDS });
    // Nine tenths of a step are the requests' own at 9 · 10 / 1 = 90.
    drive(learner, engineOf(512, { sequenceMs: 1, contextMs: 0, prefillMs: 0 }), 240_000, 1000);
    expect(learner.reason).toBe("throughput");
    expect(learner.cap).toBeGreaterThan(65);
    expect(learner.cap).toBeLessThan(120);
  });

  it("goes to the maximum where nothing speaks against it", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, maximum: 40 } });
    drive(learner, engineOf(64), 60_000, 1000);
    expect(learner).toMatchObject({ cap: 40, reason: "maximum" });
  });

  it("does not grow where it is not reached", () => {
    const learner = createCapLearner({ bounds: BOUNDS });
    for (let sample = 0; sample < 2000; sample += 1) learner.addTokenGap(12, { running: 2, active: 3 }, sample * 20);
    expect(learner.cap).toBe(8);
  });

  it("falls at once when the engine pushes requests out, and not for what was pushed out before", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, initial: 100 } });
    learner.addScrape({ waiting: 0, running: 90, preemptions: 7 }, 0);
    expect(learner.cap).toBe(100);
    learner.addScrape({ waiting: 0, running: 90, preemptions: 9 }, 1000);
    expect(learner).toMatchObject({ cap: 85, reason: "engine-preempted" });
    learner.addScrape({ waiting: 0, running: 90, preemptions: 0 }, 2000);
    expect(learner.cap).toBe(85);
  });

  it("falls at once for a queue, at the third look for a single request, and not for one whose prompt is being read", () => {
    const options = { bounds: { ...BOUNDS, initial: 100 } };
    const queue = createCapLearner(options);
    queue.addScrape({ waiting: 30, running: 70, preemptions: 0 }, 0);
    expect(queue.cap).toBe(70);
    const single = createCapLearner(options);
    single.addScrape({ waiting: 1, running: 98, preemptions: 0 }, 0);
    expect(single.cap).toBe(100);
    single.addScrape({ waiting: 1, running: 98, preemptions: 0 }, 1000);
    expect(single.cap).toBe(100);
    single.addScrape({ waiting: 1, running: 97, preemptions: 0 }, 2000);
    expect(single.cap).toBe(98);
    const reading = createCapLearner(options);
    reading.addScrape({ waiting: 3, running: 10, preemptions: 0 }, 0);
    reading.addScrape({ waiting: 3, running: 10, preemptions: 0 }, 1000);
    reading.addScrape({ waiting: 3, running: 10, preemptions: 0 }, 2000);
    expect(reading.cap).toBe(100);
    const others = createCapLearner(options);
    for (const [look, running] of [92, 97, 93, 98, 91].entries()) {
      others.addScrape({ waiting: 1, running, preemptions: 0 }, look * 1000);
    }
    expect(others.cap).toBe(100);
  });

  it("grows again after trouble, slowly at first above the place of the trouble", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, initial: 100 } });
    learner.addScrape({ waiting: 50, running: 50, preemptions: 0 }, 0);
    const engine = engineOf(512);
    const caps = drive(learner, engine, 25_000, 1000);
    expect(caps[0]).toBe(50);
    expect(learner.cap).toBeGreaterThan(50);
    expect(learner.cap).toBeLessThan(55);
    drive(learner, engine, 65_000, 1000);
    expect(learner.cap).toBeGreaterThan(65);
    expect(learner.cap).toBeLessThan(85);
  });

  it("falls once for the queue of a time, however many come late out of it", () => {
    const learner = createCapLearner({ bounds: { ...BOUNDS, initial: 100 } });
    const late = (sentAt: number, now: number): void => {
      learner.addFirstToken(now - sentAt, 50, { running: 2, active: 100 }, now);
    };
    for (let each = 0; each < 50; each += 1) late(0, 5_000 + each);
    expect(learner.cap).toBe(70);
    for (let each = 0; each < 3; each += 1) late(5_500, 9_000 + each);
    expect(learner.cap).toBe(49);
  });

  it("is a whole number within the bounds whatever it is told", () => {
    const number = fc.oneof(
      fc.double({ min: 0, max: 1e6 }),
      fc.constantFrom(-1, 0, 1, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const told = fc.tuple(fc.constantFrom("gap", "first", "scrape"), number, number, number);
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 200 }),
        fc.option(fc.integer({ min: 1, max: 100 })),
        (events, objective) => {
          const learner = createCapLearner({
            bounds: BOUNDS,
            ...(objective === null ? {} : { itlObjectiveMs: objective }),
          });
          events.forEach(([kind, one, two, three], index) => {
            const now = index * 300;
            if (kind === "gap") learner.addTokenGap(one, { running: two, active: three }, now);
            else if (kind === "first") learner.addFirstToken(one, two, { running: three, active: 9 }, now);
            else learner.addScrape({ waiting: one, running: two, preemptions: three }, now);
            expect(Number.isInteger(learner.cap)).toBe(true);
            expect(learner.cap).toBeGreaterThanOrEqual(BOUNDS.minimum);
            expect(learner.cap).toBeLessThanOrEqual(BOUNDS.maximum);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
