import { describe, expect, it } from "vitest";
import { meanWaitMs, waitQuantileMs } from "./waiting-time.ts";

const memoryless = { serviceMs: 100, arrivalVariation: 1, serviceVariation: 1 };

describe("meanWaitMs", () => {
  it("is ρ ÷ (1 − ρ) services before one memoryless server", () => {
    expect(meanWaitMs({ ...memoryless, servers: 1, utilisation: 0.75 })).toBeCloseTo(300, 6);
  });

  it.each([
    // Erlang C worked by hand: c = 2 at 0.75: (0.6429 ÷ 0.5) × 100; c = 4 at 0.8: (0.5964 ÷ 0.8) × 100.
    [2, 0.75, 128.57],
    [4, 0.8, 74.55],
  ])("is near Erlang's for %i servers at %d", (servers, utilisation, erlang) => {
    const wait = meanWaitMs({ ...memoryless, servers, utilisation });
    expect(wait / erlang).toBeGreaterThan(0.93);
    expect(wait / erlang).toBeLessThan(1.07);
  });

  it("is half as long for even sizes, the longer the burstier, and endless at full use", () => {
    const queue = { ...memoryless, servers: 1, utilisation: 0.75 };
    expect(meanWaitMs({ ...queue, serviceVariation: 0 })).toBeCloseTo(150, 6);
    expect(meanWaitMs({ ...queue, arrivalVariation: 13 })).toBeCloseTo(2_100, 6);
    expect(meanWaitMs({ ...queue, utilisation: 1 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("waitQuantileMs", () => {
  it("is that of an M/M/1 queue: −ln(share ÷ ρ) × S ÷ (1 − ρ)", () => {
    const queue = { ...memoryless, servers: 1, utilisation: 0.75 };
    expect(waitQuantileMs(queue, 0.05)).toBeCloseTo(400 * Math.log(15), 6);
    expect(waitQuantileMs({ ...queue, utilisation: 0.04 }, 0.05)).toBe(0);
  });
});
