import type { HealthcheckSpec, ProbeEvidence } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { probeVerdict } from "./probe-verdict.ts";

const check: HealthcheckSpec = { tcp: {}, intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 10_000 };
const seen = (at: number, isHealthy: boolean): ProbeEvidence => ({
  kind: "probe",
  service: "a",
  handle: "h",
  at,
  isHealthy,
  transcript: "",
});
const starting = { phase: "starting" as const, failedProbes: 0, startedAt: 0, wasReady: false };

describe("probe verdict", () => {
  it("shows no failure while a service recovers within its start period", () => {
    expect(probeVerdict(starting, check, seen(9_999, false))).toEqual({ phase: "starting", failedProbes: 0 });
    expect(probeVerdict(starting, check, seen(9_999, true))).toEqual({ phase: "ready", failedProbes: 0 });
  });

  it("counts failures after the start period and calls it unhealthy at the limit", () => {
    expect(probeVerdict(starting, check, seen(10_000, false))).toEqual({ phase: "starting", failedProbes: 1 });
    expect(probeVerdict({ ...starting, failedProbes: 2 }, check, seen(12_000, false)).phase).toBe("unhealthy");
  });

  it("needs failures in a row: one good probe begins the count anew", () => {
    const ready = { phase: "ready" as const, failedProbes: 2, startedAt: 0, wasReady: true };
    expect(probeVerdict(ready, check, seen(1, true)).failedProbes).toBe(0);
    expect(probeVerdict(ready, check, seen(1, false)).phase).toBe("unhealthy");
    expect(probeVerdict({ ...ready, failedProbes: 1 }, check, seen(1, false)).phase).toBe("ready");
  });

  it("needs no second silence of a process that a signal has stopped", () => {
    const ready = { phase: "ready" as const, failedProbes: 0, startedAt: 0, wasReady: true };
    const stopped = { ...seen(1, false), isSilent: true, isStopped: true } as const;
    expect(probeVerdict(ready, check, stopped)).toEqual({ phase: "unhealthy", failedProbes: 1 });
  });
});
