import { describe, expect, it } from "vitest";
import { drawServegenTrace, parseServegenFile, type ServegenFile } from "./servegen-clients.ts";

const HOUR_S = 3_600;
const window = { input_tokens: [10, 20, 30], output_tokens: [5, 5, 5] };

function file(rates: readonly (readonly [number, number, number])[]): ServegenFile {
  const clients = { a: { trace_t_rate_cv: rates, windows: { "0": window } } };
  return parseServegenFile("s.json", JSON.stringify({ model: "m", clients, windows: [0] })) as ServegenFile;
}

function gapsOf(times: readonly number[]): { readonly mean: number; readonly cv: number } {
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return { mean, cv: Math.sqrt(variance) / mean };
}

const steady = Array.from({ length: 60 }, (_, index) => [index * 600, 2, 2.5] as const);

describe("drawServegenTrace", () => {
  it.each([0.5, 1, 2.5])("draws arrivals of the given rate and burstiness, cv %d", (cv) => {
    const rates = steady.map(([at, rate]) => [at, rate, cv] as const);
    const trace = drawServegenTrace(file(rates), { seed: 1, fromS: 0, toS: 10 * HOUR_S, rateFactor: 1 });
    const { mean, cv: drawn } = gapsOf(trace.requests.map(({ arrivedAt }) => arrivedAt));
    expect(mean).toBeGreaterThan(500 * 0.96);
    expect(mean).toBeLessThan(500 * 1.04);
    expect(drawn / cv).toBeGreaterThan(0.93);
    expect(drawn / cv).toBeLessThan(1.07);
  });

  it("keeps a gap that is longer than the times for which rates are given", () => {
    const rare = file(Array.from({ length: 600 }, (_, index) => [index * 600, 0.001, 1] as const));
    const { requests } = drawServegenTrace(rare, { seed: 1, fromS: 0, toS: 600 * 600, rateFactor: 1 });
    expect(requests.length).toBeGreaterThan(300);
    expect(requests.length).toBeLessThan(420);
  });

  it("draws lengths from the quantiles", () => {
    const { requests } = drawServegenTrace(file(steady), { seed: 1, fromS: 0, toS: HOUR_S, rateFactor: 1 });
    const inputs = requests.map(({ inputTokens }) => inputTokens);
    expect([Math.min(...inputs), Math.max(...inputs)]).toEqual([10, 30]);
    expect(
      requests.every(({ outputTokens, client, model }) => outputTokens === 5 && client === "a" && model === "m"),
    ).toBe(true);
    const below = inputs.filter((tokens) => tokens < 20).length / inputs.length;
    expect(below).toBeGreaterThan(0.45);
    expect(below).toBeLessThan(0.55);
  });

  it("sends nothing while the list has no rate, and repeats itself for a seed", () => {
    const gapped = file([
      [0, 1, 1],
      [3_600, 1, 1],
    ]);
    const draw = { seed: 3, fromS: 0, toS: 2 * HOUR_S, rateFactor: 1 };
    const times = drawServegenTrace(gapped, draw).requests.map(({ arrivedAt }) => arrivedAt);
    expect(times.filter((at) => at > 601_000 && at < 3_599_000)).toEqual([]);
    expect(drawServegenTrace(gapped, draw).requests.map(({ arrivedAt }) => arrivedAt)).toEqual(times);
  });

  it("says what is wrong with a file", () => {
    expect(parseServegenFile("s.json", "[")).toContain("s.json:1");
    expect(parseServegenFile("s.json", "{}")).toContain("no clients");
  });
});
