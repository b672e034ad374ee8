import { describe, expect, it } from "vitest";
import { createPeakLatency } from "./peak-latency.ts";

describe("the peak latency", () => {
  it("is the first one seen, and 0 before", () => {
    const latency = createPeakLatency(2, 1_000);
    expect(latency.read(1)).toBe(0);
    latency.observe(1, 80, 5_000);
    expect(latency.read(1)).toBe(80);
    expect(latency.read(0)).toBe(0);
  });

  it("rises at once and falls with time", () => {
    const latency = createPeakLatency(1, 1_000);
    latency.observe(0, 100, 0);
    latency.observe(0, 500, 10);
    expect(latency.read(0)).toBe(500);
    latency.observe(0, 100, 20);
    expect(latency.read(0)).toBeGreaterThan(490);
    latency.observe(0, 100, 1_020);
    expect(latency.read(0)).toBeCloseTo(100 + 400 * Math.exp(-0.01) * Math.exp(-1), 0);
    latency.observe(0, 100, 20_000);
    expect(latency.read(0)).toBeCloseTo(100, 3);
  });

  it("knows nothing of the next endpoint with the number", () => {
    const latency = createPeakLatency(1);
    latency.observe(0, 100, 0);
    latency.forget(0);
    expect(latency.read(0)).toBe(0);
  });
});
