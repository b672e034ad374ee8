// On a small batching engine of known cost: what the learner says is compared with that.
import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimpleEngine } from "./testing/simple-engine.ts";
import { createWorkLearner, type WorkLearner } from "./work-learner.ts";
import { workOf } from "./work-of.ts";
import { DEFAULT_WORK_RATES } from "./work-rates.ts";

const COST = { baseMs: 12, prefillMs: 0.04, sequenceMs: 0.05, contextMs: 0.0002 };
const PLACES = 64;

/** Keeps an engine between empty and full until so many answers are done; gives its busy time and the work of what it did. */
function teach(learner: WorkLearner, answers: number, isFull: boolean): { busyMs: number; workMs: number } {
  const random = seededRandom(3);
  const engine = createSimpleEngine({ ...COST, places: PLACES, noise: 0.2, random });
  let busyMs = 0;
  let workMs = 0;
  for (let done = 0; done < answers;) {
    const aim = isFull ? PLACES : 1 + Math.floor(random() * PLACES);
    while (engine.running + engine.waiting < aim)
      engine.send(20 + Math.floor(random() ** 2 * 2000), 5 + Math.floor(random() * 100));
    const step = engine.step();
    busyMs += step.tookMs;
    // A step that stalls, as engines do now and then.
    const stallMs = random() < 0.05 ? 400 * random() : 0;
    if (step.decoding > 0 && step.read === 0) learner.addTokenGap(step.decoding, step.context, step.tookMs + stallMs);
    for (const { sentAt, uncachedAhead, prompt, output } of step.firstTokens) {
      learner.addFirstToken(uncachedAhead, engine.now - sentAt + stallMs);
      workMs += workOf(learner.rates(PLACES), prompt, prompt, output);
      done += 1;
    }
  }
  return { busyMs, workMs };
}

describe("createWorkLearner", () => {
  it("gives the prior until there are samples", () => {
    const learner = createWorkLearner(DEFAULT_WORK_RATES);
    const rates = learner.rates(32);
    expect(rates.prefillMs).toBeCloseTo(DEFAULT_WORK_RATES.prefillMs, 9);
    expect(rates.decodeMs).toBeCloseTo(DEFAULT_WORK_RATES.decodeMs, 9);
    expect(rates.contextMs).toBeCloseTo(DEFAULT_WORK_RATES.contextMs, 9);
  });

  it("learns the engine's cost within a few hundred samples, stalls and all", () => {
    const learner = createWorkLearner(DEFAULT_WORK_RATES);
    teach(learner, 800, false);
    expect(learner.tokenGaps).toBeLessThan(600);
    const rates = learner.rates(PLACES);
    // A chunk of a prompt shares its step with decoding requests, which costs 0.01 ms a token more than reading alone.
    expect(rates.prefillMs).toBeGreaterThan(0.04);
    expect(rates.prefillMs).toBeLessThan(0.06);
    expect(learner.prefillTokensPerSecond).toBeCloseTo(1000 / rates.prefillMs, 6);
    // The noise adds a tenth on average. Places and context grow together, so their sum is known before its parts.
    expect(Math.abs(Math.log(learner.expectItlMs(50, 30_000) / (1.1 * (12 + 2.5 + 6))))).toBeLessThan(0.05);
    expect(Math.abs(Math.log(rates.decodeMs / (1.1 * (COST.sequenceMs + COST.baseMs / PLACES))))).toBeLessThan(0.25);
    expect(Math.abs(Math.log(rates.contextMs / (1.1 * COST.contextMs)))).toBeLessThan(0.4);
  });

  it("prices requests so that their work is about the time of a full engine", () => {
    const learner = createWorkLearner(DEFAULT_WORK_RATES);
    teach(learner, 300, false);
    const { busyMs, workMs } = teach(learner, 1000, true);
    expect(workMs / busyMs).toBeGreaterThan(0.8);
    expect(workMs / busyMs).toBeLessThan(1.25);
  });

  it("does not price a place by a batch that the endpoint never has", () => {
    const learner = createWorkLearner(DEFAULT_WORK_RATES);
    for (let sample = 0; sample < 500; sample += 1) learner.addTokenGap(1 + (sample % 4), 1000, 20);
    expect(learner.rates(1_000_000).decodeMs).toBeCloseTo(learner.rates(32).decodeMs, 9);
    expect(learner.rates(4).decodeMs).toBeGreaterThan(learner.rates(32).decodeMs);
  });

  it("stays finite whatever it is told", () => {
    const number = fc.oneof(
      fc.double({ min: 0, max: 1e9 }),
      fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number), { maxLength: 80 }), number, (samples, cap) => {
        const learner = createWorkLearner(DEFAULT_WORK_RATES);
        for (const [one, two, timeMs] of samples) {
          learner.addFirstToken(one, timeMs);
          learner.addTokenGap(one, two, timeMs);
        }
        const { prefillMs, decodeMs, contextMs } = learner.rates(cap);
        for (const value of [
          prefillMs,
          decodeMs,
          contextMs,
          learner.prefillTokensPerSecond,
          learner.expectItlMs(3, 100),
        ]) {
          expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }),
    );
  });
});
