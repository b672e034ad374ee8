// The pace of probes, on a fake clock: how soon silence is known, and when no probe is needed at all.
import { FlyballError, type ProbeEvidence } from "@flyball/core";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProber, type Prober, type ProbeTarget } from "./prober.ts";

let clock: FakeClock;
let prober: Prober;
let seen: ProbeEvidence[];
let sent: number[];
/** How long the check takes. */
let tookMs: number;

beforeEach(() => {
  clock = createFakeClock(1_000_000);
  seen = [];
  sent = [];
  tookMs = 0;
  prober = createProber({ clock, random: () => 0.5, onEvidence: (evidence) => void seen.push(evidence) });
});

afterEach(() => prober.dispose());

function target(changes: Partial<ProbeTarget> = {}): ProbeTarget {
  return {
    service: "api",
    handle: "h",
    addresses: {},
    healthcheck: { command: ["check"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 },
    isStarting: false,
    runCommand: async (_command, timeoutMs) => {
      sent.push(clock.now());
      const waitMs = Math.min(tookMs, timeoutMs);
      await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
      if (tookMs <= timeoutMs) return { code: 0, output: "" };
      throw new FlyballError("FB_DRIVER_COMMAND_TIMED_OUT", { command: "check", instance: "api/0", timeoutMs });
    },
    ...changes,
  };
}

describe("the prober", () => {
  it("knows within three seconds that an instance that answered at once is silent", async () => {
    prober.setTargets([target()]);
    await clock.advance(5_000);
    const frozenAt = clock.now();
    tookMs = 1e9;
    await clock.advance(3_000);
    const silent = seen.filter(({ at, isSilent }) => at > frozenAt && isSilent === true);
    expect(silent.length).toBeGreaterThanOrEqual(3);
  });

  it("calls a check that always takes long not silent, and gives what is starting all the time that the manifest grants", async () => {
    tookMs = 1_500;
    prober.setTargets([target({ isStarting: true })]);
    await clock.advance(2_000);
    expect(seen).toMatchObject([{ isHealthy: true }]);
    prober.setTargets([target()]);
    await clock.advance(30_000);
    expect(seen.every(({ isHealthy }) => isHealthy)).toBe(true);
  });

  it("spares an instance that answers requests well, but for every tenth probe, and goes on when it falls silent", async () => {
    for (let tick = 0; tick < 120; tick += 1) {
      prober.setTargets([target({ answeredAt: clock.now() })]);
      await clock.advance(250);
    }
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(sent.length).toBeLessThanOrEqual(4);
    const before = sent.length;
    await clock.advance(4_000);
    expect(sent.length).toBeGreaterThanOrEqual(before + 2);
  });

  it("goes on as soon as the last good answer is older than the interval", async () => {
    for (let tick = 0; tick < 12; tick += 1) {
      prober.setTargets([target({ answeredAt: clock.now() })]);
      await clock.advance(250);
    }
    const answeredAt = clock.now() - 250;
    sent = [];
    await clock.advance(1_000);
    expect(sent[0]).toBeLessThanOrEqual(answeredAt + 1_100);
  });

  it("probes at once where requests wait and nothing comes back, and not more often than twice an interval", async () => {
    prober.setTargets([target()]);
    await clock.advance(3_050);
    sent = [];
    for (let tick = 0; tick < 30; tick += 1) {
      prober.setTargets([target({ isDoubted: true, answeredAt: clock.now() })]);
      await clock.advance(50);
    }
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(sent.length).toBeLessThanOrEqual(3);
  });

  it("says of a silent one that it is stopped, where the target knows; one that answers is not asked about", async () => {
    let asked = 0;
    const stopped = target({ isStopped: async () => (asked += 1) > 0 });
    prober.setTargets([stopped]);
    await clock.advance(3_000);
    expect(asked).toBe(0);
    tookMs = 1e9;
    await clock.advance(2_000);
    expect(seen.findLast(({ isSilent }) => isSilent)).toMatchObject({ isHealthy: false, isStopped: true });
    expect(seen.at(-1)?.transcript).toContain("a signal has stopped its process");
  });

  it("does not take for usual what a check took while the instance started", async () => {
    tookMs = 400;
    prober.setTargets([target({ isStarting: true })]);
    await clock.advance(1_000);
    tookMs = 0;
    prober.setTargets([target()]);
    await clock.advance(2_000);
    tookMs = 1e9;
    sent = [];
    await clock.advance(3_000);
    expect(sent.length).toBeGreaterThanOrEqual(3);
  });

  it("does not spare one that is starting", async () => {
    prober.setTargets([target({ isStarting: true, answeredAt: clock.now() })]);
    await clock.advance(1_000);
    expect(sent.length).toBeGreaterThan(0);
  });
});
