import { describe, expect, it } from "vitest";
import { endpoint, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { checkSnapshot } from "./check-snapshot.ts";

const good = snapshot(3, {
  pools: [pool("web", [endpoint("web/0@1", 4001)])],
  routes: [route("r", "web")],
  models: [model("chat", ["web"])],
});

describe("checkSnapshot", () => {
  it("accepts a whole snapshot", () => {
    expect(checkSnapshot(good)).toEqual({ kind: "valid", snapshot: good });
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
