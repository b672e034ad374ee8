import { describe, expect, it } from "vitest";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import { mergeRequests } from "./arrange-requests.ts";
import { offeredWorkMs } from "./offered-work.ts";
import { resampleBlocks } from "./resample-blocks.ts";
import { sampleTrace } from "./sample-trace.ts";
import { warpRate } from "./warp-rate.ts";
import { createSeededRandom } from "../random/seeded-random.ts";

const trace = syntheticRequests({
  seed: 1,
  count: 4_000,
  meanGapMs: 1_000,
  meanInput: 300,
  meanOutput: 100,
  clients: 9,
});
const base = { seed: 1, ratePerSecond: 2, durationMs: 900_000, profile: SMALL_ENGINE };

describe("sampleTrace", () => {
  it("keeps history strictly before what is drawn", () => {
    const { history, requests } = sampleTrace(trace, base);
    const known = new Set(history.map(({ inputTokens, outputTokens }) => `${inputTokens} ${outputTokens}`));
    const cutMs = 0.25 * (trace.at(-1)?.arrivedAt ?? 0);
    expect(history).toEqual(trace.filter(({ arrivedAt }) => arrivedAt < cutMs));
    // Lengths are drawn from thousands, so few pairs are in both parts by chance.
    const both = requests.filter(({ inputTokens, outputTokens }) => known.has(`${inputTokens} ${outputTokens}`));
    expect(both.length / requests.length).toBeLessThan(0.05);
  });

  it.each([0.3, 1, 4])("offers the work of %d requests a second on every seed", (ratePerSecond) => {
    const rest = trace.filter(({ arrivedAt }) => arrivedAt >= 0.25 * (trace.at(-1)?.arrivedAt ?? 0));
    const meanWorkMs = offeredWorkMs(rest, SMALL_ENGINE) / rest.length;
    for (const seed of [1, 2, 3]) {
      const { requests, durationMs } = sampleTrace(trace, { ...base, seed, ratePerSecond });
      expect(offeredWorkMs(requests, SMALL_ENGINE) / durationMs).toBeCloseTo((meanWorkMs * ratePerSecond) / 1_000, 9);
      expect(durationMs / base.durationMs).toBeGreaterThan(0.8);
      expect(durationMs / base.durationMs).toBeLessThan(1.2);
      expect(requests.map(({ id }) => id)).toEqual([...requests.keys()]);
    }
  });

  it("repeats itself for a seed and draws others for another", () => {
    const times = (seed: number): readonly number[] =>
      sampleTrace(trace, { ...base, seed }).requests.map(({ arrivedAt }) => arrivedAt);
    expect(times(1)).toEqual(times(1));
    expect(times(2)).not.toEqual(times(1));
  });

  it("takes one window as it is where prefixes must be kept", () => {
    const { requests } = sampleTrace(trace, { ...base, keepsPrefixes: true });
    const lengths = requests.map(({ inputTokens }) => inputTokens);
    const start = trace.findIndex((_request, index) =>
      lengths.every((tokens, at) => trace[index + at]?.inputTokens === tokens),
    );
    expect(start).toBeGreaterThan(0);
    expect(requests.length).toBeLessThan(0.61 * trace.length);
  });
});

describe("resampleBlocks", () => {
  it("keeps the gaps within a stretch", () => {
    const drawn = resampleBlocks(trace, { random: createSeededRandom(1), blockMs: 60_000, blocks: 20 });
    const gaps = new Set(
      trace.slice(1).map(({ arrivedAt }, index) => (arrivedAt - (trace[index]?.arrivedAt ?? 0)).toFixed(3)),
    );
    const own = drawn.slice(1).map(({ arrivedAt }, index) => arrivedAt - (drawn[index]?.arrivedAt ?? 0));
    expect(own.every((gap) => gap >= 0)).toBe(true);
    expect(own.filter((gap) => gaps.has(gap.toFixed(3))).length).toBeGreaterThanOrEqual(own.length - 20);
  });
});

describe("mergeRequests", () => {
  it("puts lists on one axis with ids of their own", () => {
    const merged = mergeRequests(trace.slice(0, 5), trace.slice(2, 7));
    expect(merged.map(({ id }) => id)).toEqual([...merged.keys()]);
    expect(
      merged.every(({ arrivedAt }, index) => index === 0 || arrivedAt >= (merged[index - 1]?.arrivedAt ?? 0)),
    ).toBe(true);
  });
});

describe("warpRate", () => {
  it("makes requests come as often as the factor of the moment says", () => {
    const warped = warpRate(trace, (ms) => (ms < 300_000 ? 1 : 3), 600_000);
    const before = warped.filter(({ arrivedAt }) => arrivedAt < 300_000).length;
    const after = warped.length - before;
    expect(before).toBe(trace.filter(({ arrivedAt }) => arrivedAt < 300_000).length);
    expect(after).toBe(trace.filter(({ arrivedAt }) => arrivedAt >= 300_000 && arrivedAt < 1_200_000).length);
    expect(warped.at(-1)?.arrivedAt).toBeLessThan(600_000);
  });
});
