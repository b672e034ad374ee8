import { describe, expect, it } from "vitest";
import { OUTCOME } from "../metrics/outcomes.ts";
import { policyCatalogue } from "../policy/catalogue.ts";
import type { PolicySpec } from "../policy/policy.ts";
import { simulate, type SimulationResult } from "../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import type { ScalePlan, ScaleView } from "./scaler.ts";
import { createPoolScaler, type ScalerName } from "./pool-scalers.ts";

const requests = syntheticRequests({ seed: 4, count: 1_500, meanGapMs: 80, meanInput: 100, meanOutput: 50 });
const policy = policyCatalogue(SMALL_ENGINE).find(({ name }) => name === "flyball") as PolicySpec;

function run(plan: Omit<ScalePlan, "min" | "max" | "coldStartMs">): SimulationResult {
  const replicas = Array.from({ length: 6 }, () => ({ profile: SMALL_ENGINE }));
  return simulate({ requests, replicas, policy, seed: 1, scale: { min: 1, max: 6, coldStartMs: 20_000, ...plan } });
}

describe("pool size", () => {
  it("uses what was started only after its cold start, and pays for it from the start", () => {
    const { outcomes, replicaHours, endedAt } = run({ scaler: { periodMs: 10_000, desired: () => 2 }, initial: 1 });
    const onSecond = requests.filter(({ id }) => outcomes.replica[id] === 1);
    expect(onSecond.length).toBeGreaterThan(100);
    expect(Math.min(...onSecond.map(({ id }) => outcomes.sentAt[id] as number))).toBeGreaterThanOrEqual(30_000);
    expect(replicaHours * 3_600_000).toBeCloseTo(endedAt + (endedAt - 10_000), 0);
  });

  it("drains what is taken away: nobody is lost, nothing new is sent there", () => {
    const { outcomes, scaleActions } = run({
      scaler: { periodMs: 10_000, desired: ({ now }) => (now < 40_000 ? 3 : 1) },
      initial: 3,
    });
    expect(outcomes.state.every((state) => state === OUTCOME.done)).toBe(true);
    const late = requests.filter(({ id }) => (outcomes.sentAt[id] as number) > 40_000);
    expect(new Set(late.map(({ id }) => outcomes.replica[id])).size).toBe(1);
    expect(scaleActions).toBe(1);
  });

  it("tells a scaler what it may know", () => {
    const seen: ScaleView[] = [];
    run({
      scaler: {
        periodMs: 5_000,
        desired(view) {
          seen.push(view);
          return 3;
        },
      },
      initial: 1,
    });
    expect(seen[0]).toMatchObject({ now: 5_000, ready: 1, starting: 0 });
    expect(seen[1]).toMatchObject({ ready: 1, starting: 2 });
    expect(seen[6]).toMatchObject({ ready: 3, starting: 0 });
    const arrived = requests.filter(({ arrivedAt }) => arrivedAt < 5_000).length;
    expect(seen[0]?.arrived).toBe(arrived);
  });

  it.each(["flyball", "hpa", "kpa"] as const)(
    "lets %s grow a pool that is too small and shrink one that is too large",
    (name: ScalerName) => {
      const bounds = { min: 1, max: 6 };
      const small = run({ scaler: createPoolScaler(name, 0.2, bounds), initial: 1 });
      expect(new Set(small.outcomes.replica).size).toBeGreaterThan(1);
      const large = run({ scaler: createPoolScaler(name, 0.9, bounds), initial: 6 });
      expect(large.replicaHours * 3_600_000).toBeLessThan(6 * large.endedAt);
    },
  );
});
