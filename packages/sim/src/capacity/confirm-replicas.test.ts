import { describe, expect, it } from "vitest";
import { confirmReplicas } from "./confirm-replicas.ts";

const confirm = (planned: number, needed: number, maxReplicas = 100) =>
  confirmReplicas({
    planned,
    maxReplicas,
    measure: async (replicas) => ({ isKept: replicas >= needed, result: replicas }),
  });

describe("confirmReplicas", () => {
  it("needs two looks where the plan is right, and one where there is nothing less", async () => {
    expect((await confirm(7, 7)).trials.map(({ replicas }) => replicas)).toEqual([7, 6]);
    expect((await confirm(1, 1)).trials).toHaveLength(1);
  });

  it.each([
    [7, 3],
    [7, 1],
    [3, 7],
    [1, 40],
    [60, 59],
    [100, 2],
  ])("finds the border wherever the plan is: planned %i, needed %i", async (planned, needed) => {
    const { replicas, trials } = await confirm(planned, needed);
    expect(replicas).toBe(needed);
    expect(new Set(trials.map((trial) => trial.replicas)).size).toBe(trials.length);
  });

  it("needs few looks where the plan is far off", async () => {
    expect((await confirm(1, 90)).trials.length).toBeLessThan(16);
    expect((await confirm(90, 1)).trials.length).toBeLessThan(16);
  });

  it("gives up at the bound", async () => {
    expect((await confirm(3, 20, 10)).replicas).toBeUndefined();
    expect((await confirm(30, 20, 10)).replicas).toBeUndefined();
  });
});
