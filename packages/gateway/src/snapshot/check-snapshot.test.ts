import type { ScheduleSpec } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { endpoint, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { checkSnapshot } from "./check-snapshot.ts";

const good = snapshot(3, {
  pools: [pool("web", [endpoint("web/0@1", 4001)])],
  routes: [route("r", "web")],
  models: [model("chat", ["web"])],
});

const scheduled = (schedule: unknown) => ({
  ...good,
  pools: [pool("web", [endpoint("web/0@1", 4001)], { schedule: schedule as ScheduleSpec })],
});

describe("checkSnapshot", () => {
  it("accepts a whole snapshot", () => {
    expect(checkSnapshot(good)).toEqual({ kind: "valid", snapshot: good });
    const knobs = { classWeights: { low: 0.5 }, order: "boost", kvTokens: 1_000, slowStartMs: 0 };
    expect(checkSnapshot(scheduled(knobs)).kind).toBe("valid");
  });

  it.each([
    ["nothing", null, "it is no object"],
    ["another format", { ...good, format: "flyball.snapshot/v9" }, "flyball.snapshot/v9"],
    ["no version", { ...good, version: "3" }, "its version is no whole number"],
    ["no pools", { ...good, pools: undefined }, "not the shape"],
    ["two pools of one name", { ...good, pools: [...good.pools, ...good.pools] }, "the pool web is there twice"],
    ["a route to nowhere", { ...good, routes: [route("r", "gone")] }, "names the unknown pool gone"],
    ["a route on no listener", { ...good, routes: [route("r", "web", { listener: "x" })] }, "unknown listener x"],
    ["a model without its pool", { ...good, models: [model("chat", ["gone"])] }, "names the unknown pool gone"],
    ["a weight of 0", { ...good, pools: [pool("web", [endpoint("e", 1, { weight: 0 })])] }, "above 0"],
    ["no port", { ...good, pools: [pool("web", [endpoint("e", 0)])] }, "has no port"],
    ["a class without a share", scheduled({ classWeights: { high: 0 } }), "a schedule that cannot be kept to"],
    ["an order that nobody knows", scheduled({ order: "fastest" }), "a schedule that cannot be kept to"],
    ["no chunk of a prompt", scheduled({ promptChunks: 0 }), "a schedule that cannot be kept to"],
    ["more memory than there is", scheduled({ kvUtilization: 1.5 }), "a schedule that cannot be kept to"],
    ["a time before now", scheduled({ slowStartMs: -1 }), "a schedule that cannot be kept to"],
    ["a tenant without a share", { ...good, tenants: [{ id: "acme", limits: {}, weight: 0 }] }, "no weight above 0"],
    [
      "an endpoint in two pools",
      { ...good, pools: [pool("web", [endpoint("e", 1)]), pool("b", [endpoint("e", 1)])] },
      "the endpoint e is there twice",
    ],
  ])("refuses %s with a reason", (_name, value, reason) => {
    const checked = checkSnapshot(value);
    expect(checked.kind === "invalid" ? checked.reason : "valid").toContain(reason);
  });
});
