import type { PoolSnapshot } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { endpoint, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { createPoolNumbering, scheduledPoolIds } from "./scheduled-pools.ts";

const KNOBS: Readonly<Record<string, Partial<PoolSnapshot>>> = {
  turns: { balance: "round-robin" },
  slow: { schedule: { slowStartMs: 5_000 } },
};

const served = (models: readonly string[]) =>
  snapshot(1, {
    pools: ["llm", "other", "web", "api", "turns", "slow"].map((id) =>
      pool(id, [endpoint(`${id}/0`, 4_000)], KNOBS[id]),
    ),
    models: models.map((id) => model(`model-${id}`, [id])),
    routes: [route("plain", "web"), route("classed", "api", { priority: "high" })],
  });

describe("scheduled pools", () => {
  it("are those of models, of routes with a priority, and those that name how they are balanced or scheduled", () => {
    expect([...scheduledPoolIds(served(["llm"]))].toSorted()).toEqual(["api", "llm", "slow", "turns"]);
  });

  it("keep their numbers, and leave them to others only when no worker serves them any more", () => {
    const numbering = createPoolNumbering();
    const first = numbering.assign(served(["llm"]));
    const second = numbering.assign(served(["llm", "other"]));
    expect(second).toMatchObject(first);
    expect(new Set(Object.values(second)).size).toBe(5);
    numbering.retain(served(["other"]));
    const third = numbering.assign(served(["llm", "other"]));
    expect(third).toEqual(second);
  });
});
