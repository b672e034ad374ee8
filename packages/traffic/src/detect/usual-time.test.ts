import { seededRandom } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addTime, boundMs, createUsualTime, type UsualTime } from "./usual-time.ts";

const gaussian = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function learn(usual: UsualTime, count: number, timeOf: () => number): UsualTime {
  for (let sample = 0; sample < count; sample += 1) addTime(usual, timeOf());
  return usual;
}

describe("how long something usually takes", () => {
  it("is the bound for the unknown until there are fifty samples, and never below the floor", () => {
    const usual = createUsualTime({ floorMs: 1_000, unknownMs: 15_000 });
    learn(usual, 49, () => 20);
    expect(boundMs(usual)).toBe(15_000);
    learn(usual, 1, () => 20);
    expect(boundMs(usual)).toBe(1_000);
    expect(boundMs(createUsualTime({ floorMs: 15_000 }))).toBe(15_000);
  });

  it.each([0.1, 0.5, 1, 1.5])("is passed by fewer than one in 2,000 of log-normal times with spread %d", (spread) => {
    const random = seededRandom(7);
    const timeOf = () => 200 * Math.exp(spread * gaussian(random));
    const usual = learn(createUsualTime({ floorMs: 1 }), 2_000, timeOf);
    let beyond = 0;
    for (let sample = 0; sample < 40_000; sample += 1) {
      const ms = timeOf();
      if (ms > boundMs(usual)) beyond += 1;
      addTime(usual, ms);
    }
    expect(beyond).toBeLessThan(20);
    // And it is of use: a hang is found in a time of the order of the slow ones.
    expect(boundMs(usual)).toBeLessThan(200 * Math.exp(spread * 5) * 4);
  });

  it("rises at the third time beyond it, not at the second, and falls back over thousands of samples", () => {
    const usual = learn(createUsualTime({ floorMs: 2_000 }), 500, () => 300);
    learn(usual, 2, () => 60_000);
    expect(boundMs(usual)).toBe(2_000);
    learn(usual, 1, () => 60_000);
    expect(boundMs(usual)).toBeGreaterThan(60_000);
    learn(usual, 500, () => 300);
    expect(boundMs(usual)).toBeGreaterThan(60_000);
    learn(usual, 20_000, () => 300);
    expect(boundMs(usual)).toBe(2_000);
  });

  it("learns a rare kind of request that is not in the percentile", () => {
    const random = seededRandom(3);
    const usual = learn(createUsualTime({ floorMs: 1_000 }), 4_000, () => (random() < 0.004 ? 60_000 : 300));
    expect(boundMs(usual)).toBeGreaterThan(60_000);
  });

  it("follows what is usual when it becomes slower for good", () => {
    const usual = learn(createUsualTime({ floorMs: 100 }), 2_000, () => 100);
    expect(boundMs(usual)).toBeLessThan(300);
    learn(usual, 100, () => 900);
    expect(boundMs(usual)).toBeGreaterThan(900);
  });

  it("property: lies between floor and ceiling, and time that is no time changes nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -10, max: 1e7 }), { maxLength: 400 }), (times) => {
        const usual = createUsualTime({ floorMs: 50, ceilingMs: 30_000 });
        for (const ms of times) {
          addTime(usual, ms);
          expect(boundMs(usual)).toBeGreaterThanOrEqual(50);
          expect(boundMs(usual)).toBeLessThanOrEqual(30_000);
        }
        const before = boundMs(usual);
        addTime(usual, Number.NaN);
        expect(boundMs(usual)).toBe(before);
      }),
    );
  });
});
