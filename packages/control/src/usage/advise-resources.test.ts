import type { Quantiles, ResourcesSpec } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { adviseResources, roundMemory, type MeasuredUsage } from "./advise-resources.ts";

const MIB = 1024 ** 2;
const QUARTER_MS = 900_000;

function used(p95: number, max = p95): Quantiles {
  return { now: p95, p50: p95 / 2, p95, max };
}

function advise(resources: Partial<ResourcesSpec>, usage: Partial<MeasuredUsage>): ReturnType<typeof adviseResources> {
  return adviseResources({ limits: {}, reservations: {}, ...resources }, { observedMs: QUARTER_MS, ...usage });
}

describe("advice on what to reserve", () => {
  it("is the 95th percentile with something on top, as a number that people would write, with the evidence", () => {
    const reservations = { memoryBytes: 1_024 * MIB };
    expect(advise({ reservations }, { memoryBytes: used(210 * MIB) })).toEqual([
      {
        field: "reservations.memory",
        kind: "lower",
        asked: 1_024 * MIB,
        advised: 300 * MIB,
        reason: "asked 1GiB, used p95 210MiB over 15 min: 300MiB would do",
        composed: expect.anything(),
      },
    ]);
  });

  it("never goes below the highest that was seen", () => {
    const reservations = { memoryBytes: 1_024 * MIB };
    expect(advise({ reservations }, { memoryBytes: used(210 * MIB, 480 * MIB) })[0]?.advised).toBe(600 * MIB);
  });

  it("raises what is too small", () => {
    const [cpus, memory] = advise(
      { reservations: { cpus: 0.5, memoryBytes: 100 * MIB } },
      { cpus: used(0.9), memoryBytes: used(150 * MIB) },
    );
    expect(cpus).toMatchObject({ field: "reservations.cpus", kind: "raise", advised: 1.5 });
    expect(memory).toMatchObject({ field: "reservations.memory", kind: "raise", advised: 200 * MIB });
  });

  it("says that a limit is near before it is met", () => {
    const [advice] = advise({ limits: { memoryBytes: 512 * MIB } }, { memoryBytes: used(300 * MIB, 480 * MIB) });
    expect(advice).toMatchObject({ field: "limits.memory", kind: "raise", advised: 800 * MIB });
    expect(advice?.reason).toBe("the limit is 512MiB, used up to 480MiB in 15 min: 800MiB would leave room");
  });

  it("is silent after a short look, for a small difference, and where nothing was asked", () => {
    const reservations = { cpus: 1, memoryBytes: 300 * MIB };
    expect(advise({ reservations }, { observedMs: 200_000, memoryBytes: used(10 * MIB), cpus: used(0.01) })).toEqual(
      [],
    );
    expect(advise({ reservations }, { memoryBytes: used(210 * MIB), cpus: used(0.8) })).toEqual([]);
    expect(advise({}, { memoryBytes: used(210 * MIB), cpus: used(0.8) })).toEqual([]);
  });
});

it("rounds up to one or two digits, from a GiB on to halves", () => {
  const rounded = [0.2, 7, 99, 101, 273, 900, 1_025, 1_537].map((mebibytes) => roundMemory(mebibytes * MIB) / MIB);
  expect(rounded).toEqual([1, 8, 100, 150, 300, 1_000, 1_536, 2_048]);
});
