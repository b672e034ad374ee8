import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addLatency,
  addRefusal,
  ANSWER_MANNERS,
  createConcurrencyLimit,
  currentLimit,
  resizeLimit,
} from "./concurrency-limit.ts";

/** A service whose every millisecond counts. */
const MANNERS = { ...ANSWER_MANNERS, slackMs: 10 };
const BOUNDS = { minimum: 2, maximum: 500, initial: 20 };

/** A pool that works on `capacityAt` requests at once and shares itself among more; as many come as the limit lets in. */
function overload(options: { capacityAt: (now: number) => number; baseMs: number; untilMs: number; seed: number }) {
  const random = seededRandom(options.seed);
  const limit = createConcurrencyLimit({ bounds: BOUNDS, manners: MANNERS, random, now: 0 });
  const limits: { at: number; limit: number }[] = [];
  for (let now = 0; now < options.untilMs;) {
    const inFlight = currentLimit(limit);
    const capacity = options.capacityAt(now);
    const latencyMs = options.baseMs * Math.max(1, inFlight / capacity) * (0.8 + 0.4 * random());
    addLatency(limit, { latencyMs, inFlight }, now);
    now += latencyMs / inFlight;
    limits.push({ at: now, limit: inFlight });
  }
  const share = limits
    .filter(({ at }) => at > options.untilMs / 2)
    .map((each) => each.limit)
    .toSorted((a, b) => a - b);
  return { median: share[Math.floor(share.length / 2)] ?? 0, limits };
}

describe("the learned concurrency limit", () => {
  it.each([5, 20, 100])("settles between the capacity and twice of it (%i)", (capacity) => {
    const { median } = overload({ capacityAt: () => capacity, baseMs: 100, untilMs: 120_000, seed: 1 });
    expect(median).toBeGreaterThanOrEqual(capacity);
    expect(median).toBeLessThanOrEqual(capacity * 2);
  });

  it("follows when the capacity falls to a quarter, and when it comes back", () => {
    const capacityAt = (now: number) => (now > 120_000 && now < 400_000 ? 10 : 40);
    const { limits } = overload({ capacityAt, baseMs: 100, untilMs: 600_000, seed: 2 });
    const medianOf = (from: number, to: number) => {
      const some = limits
        .filter(({ at }) => at > from && at < to)
        .map((each) => each.limit)
        .toSorted((a, b) => a - b);
      return some[Math.floor(some.length / 2)] ?? 0;
    };
    expect(medianOf(60_000, 120_000)).toBeGreaterThan(40);
    expect(medianOf(130_000, 170_000)).toBeLessThan(25);
    expect(medianOf(300_000, 400_000)).toBeLessThan(25);
    expect(medianOf(500_000, 600_000)).toBeGreaterThan(38);
  });

  it("does not grow beyond what is used", () => {
    const random = seededRandom(3);
    const limit = createConcurrencyLimit({ bounds: BOUNDS, manners: MANNERS, random, now: 0 });
    for (let now = 0; now < 600_000; now += 10) addLatency(limit, { latencyMs: 50, inFlight: 3 }, now);
    expect(currentLimit(limit)).toBeLessThanOrEqual(BOUNDS.initial);
  });

  it("does not take long and short answers for a queue", () => {
    const random = seededRandom(4);
    const bounds = { minimum: 4, maximum: 256, initial: 256 };
    const limit = createConcurrencyLimit({ bounds, manners: MANNERS, random, now: 0 });
    let least = 256;
    for (let now = 0; now < 1_200_000; now += 8) {
      // Log-normal: one in six is e times longer than the middle one, and one in six e times shorter.
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      addLatency(limit, { latencyMs: 300 * Math.exp(normal), inFlight: 60 }, now);
      least = Math.min(least, currentLimit(limit));
    }
    expect(least).toBeGreaterThan(60);
  });

  it("lowers nobody's limit for a measurement while it is not reached", () => {
    const random = seededRandom(5);
    const bounds = { minimum: 4, maximum: 256, initial: 256 };
    const limit = createConcurrencyLimit({ bounds, manners: MANNERS, random, now: 0 });
    for (let now = 0; now < 300_000; now += 5) {
      addLatency(limit, { latencyMs: 50, inFlight: 200 }, now);
      expect(currentLimit(limit)).toBe(256);
    }
  });

  it("goes with the size of its pool", () => {
    const limit = createConcurrencyLimit({ bounds: BOUNDS, manners: MANNERS, random: Math.random, now: 0 });
    resizeLimit(limit, { minimum: 4, maximum: 1_000, initial: 40 });
    expect(currentLimit(limit)).toBe(40);
    resizeLimit(limit, { minimum: 1, maximum: 250, initial: 10 });
    expect(currentLimit(limit)).toBe(10);
  });

  it("steps back when the pool itself refuses", () => {
    const limit = createConcurrencyLimit({ bounds: BOUNDS, manners: MANNERS, random: Math.random, now: 0 });
    for (let refusal = 0; refusal < 100; refusal += 1) addRefusal(limit);
    expect(currentLimit(limit)).toBe(BOUNDS.minimum);
  });

  it("stays a whole number within its bounds, whatever is measured", () => {
    const sample = fc.record({
      latencyMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
      inFlight: fc.nat(10_000),
      waitMs: fc.nat(8_000),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), fc.nat(), (samples, seed) => {
        const random = seededRandom(seed);
        const limit = createConcurrencyLimit({ bounds: BOUNDS, manners: MANNERS, random, now: 0 });
        let now = 0;
        for (const each of samples) {
          now += each.waitMs;
          addLatency(limit, each, now);
          const current = currentLimit(limit);
          expect(Number.isInteger(current)).toBe(true);
          expect(current).toBeGreaterThanOrEqual(BOUNDS.minimum);
          expect(current).toBeLessThanOrEqual(BOUNDS.maximum);
        }
      }),
    );
  });
});
