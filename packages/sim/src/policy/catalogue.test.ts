// What must hold for every policy that is compared, whatever its rule.
import { describe, expect, it } from "vitest";
import { OUTCOME } from "../metrics/outcomes.ts";
import type { Fault } from "../pool/fault.ts";
import { simulate } from "../simulate.ts";
import { SMALL_ENGINE, syntheticRequests } from "../testing/synthetic-requests.ts";
import { policyCatalogue } from "./catalogue.ts";
import type { PolicySpec } from "./policy.ts";

const catalogue = policyCatalogue(SMALL_ENGINE);
const replicas = Array.from({ length: 3 }, () => ({ profile: SMALL_ENGINE }));
const history = syntheticRequests({ seed: 8, count: 100, meanGapMs: 10, meanInput: 200, meanOutput: 60, clients: 5 });
/** About half as much again as three replicas can do, so that everything waits. */
const requests = syntheticRequests({
  seed: 9,
  count: 400,
  meanGapMs: 12,
  meanInput: 300,
  meanOutput: 80,
  clients: 5,
  hasBlocks: true,
});
const faults: readonly Fault[] = [
  { kind: "down", replica: 1, at: 1_000 },
  { kind: "slow", replica: 0, at: 1_500, factor: 3 },
  { kind: "up", replica: 1, at: 2_500 },
  { kind: "slow", replica: 0, at: 3_000, factor: 1 },
];

describe.each(catalogue.map((spec) => [spec.name, spec] as const))("%s", (_name, spec: PolicySpec) => {
  it("brings every request to exactly one end, also when a replica dies and comes back", () => {
    const { outcomes } = simulate({ requests, history, replicas, policy: spec, seed: 3, faults, blockTokens: 16 });
    const count = (state: number): number => outcomes.state.filter((it) => it === state).length;
    expect(count(OUTCOME.pending)).toBe(0);
    expect(count(OUTCOME.done) + count(OUTCOME.cut) + count(OUTCOME.refused) + count(OUTCOME.failed)).toBe(
      requests.length,
    );
    // Only what has a longest wait refuses anybody.
    expect(count(OUTCOME.failed)).toBe(0);
    if (spec.name !== "flyball, shipped defaults") expect(count(OUTCOME.refused)).toBe(0);
    for (const { id, arrivedAt } of requests) {
      if (outcomes.state[id] === OUTCOME.refused) continue;
      expect(outcomes.sentAt[id]).toBeGreaterThanOrEqual(arrivedAt);
      if (outcomes.state[id] !== OUTCOME.done) continue;
      expect(outcomes.firstAt[id]).toBeGreaterThan(outcomes.sentAt[id] as number);
      expect(outcomes.endAt[id]).toBeGreaterThanOrEqual(outcomes.firstAt[id] as number);
    }
  });

  it("sends nothing to a replica that is down", () => {
    const { outcomes } = simulate({ requests, history, replicas, policy: spec, seed: 3, faults, blockTokens: 16 });
    const sentWhileDown = requests.filter(({ id }) => {
      const at = outcomes.sentAt[id] as number;
      return at > 1_000 && at < 2_500 && outcomes.replica[id] === 1;
    });
    expect(sentWhileDown).toEqual([]);
  });

  it("knows the true lengths only as an oracle", () => {
    if (spec.form === "oracle" || spec.name.startsWith("clairvoyant")) return;
    const blind: PolicySpec = {
      ...spec,
      create: (world) =>
        spec.create(world, () => {
          throw new Error("looked at the truth");
        }),
    };
    expect(() => simulate({ requests, history, replicas, policy: blind, seed: 3, blockTokens: 16 })).not.toThrow();
  });
});

describe("policyCatalogue", () => {
  it("names every policy once", () => {
    const names = catalogue.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
