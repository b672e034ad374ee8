// What people wish of healing, on the whole loop: what the manifest allows, pauses, maintenance windows, the cap of an hour.
import { afterEach, describe, expect, it } from "vitest";
import { pause, resume } from "../api/commands.ts";
import { appStatus } from "../api/status.ts";
import { checkedService, createHealingStage, rungsOf } from "../testing/healing-stage.ts";
import { makeSpec } from "../testing/make-spec.ts";

const stage = createHealingStage();
const { start, open, restartsOf } = stage;

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

describe("people's wishes", () => {
  it("only what the manifest allows is done, all else is advised, and the service has its own word", async () => {
    await start(
      [checkedService("api", { replicas: 2, healing: { act: ["eject"] } }), checkedService("web", { replicas: 2 })],
      {
        healing: { act: [] },
      },
    );
    stage.answers = { "api/1": "bad", "web/1": "bad" };
    await stage.rig.advance(20_000);
    expect(stage.rig.driver.calls.filter(({ method }) => method === "restart")).toEqual([]);
    expect(open().map(rungsOf)).toEqual([["(restart)"], ["(restart)"]]);
    expect(appStatus(stage.rig.control.context).services[0]?.advice).toBe(
      "incident 1: healing.act of api does not allow a restart without asking",
    );
    stage.rig.driver.crash(stage.rig.driver.instances("web")[0]!.handle);
    await stage.rig.advance(5_000);
    expect(stage.rig.running("web")).toEqual([1]);
  });

  it("a pause advises once, and what was advised is done when it ends", async () => {
    await start([checkedService("api", { replicas: 2 })]);
    pause(stage.rig.control.context, { actor: "test", reason: "looking at it" });
    stage.answers = { "api/1": "bad" };
    await stage.rig.advance(60_000);
    expect(rungsOf(open()[0])).toEqual(["(restart)"]);
    expect(restartsOf("api")).toBe(0);
    resume(stage.rig.control.context, { actor: "test" });
    await stage.rig.advance(1_000);
    expect(restartsOf("api")).toBe(1);
  });

  it("in a maintenance window nothing is started again, and all of it when it is over", async () => {
    stage.answers = {};
    await start([checkedService("api")]);
    const minute = Math.floor(stage.rig.clock.now() / 60_000) % 1_440;
    const windows = [{ fromMinute: minute, toMinute: (minute + 3) % 1_440 }];
    await stage.rig.apply(makeSpec([checkedService("api")], { healing: { windows } }));
    stage.rig.driver.crash(stage.rig.driver.instances("api")[0]!.handle);
    await stage.rig.advance(60_000);
    expect(stage.rig.running("api")).toEqual([]);
    expect(rungsOf(open()[0])).toContain("(restart)");
    await stage.rig.advance(180_000);
    expect(stage.rig.running("api")).toEqual([0]);
  }, 30_000);

  it("at most so many actions an hour are done, then a person is asked", async () => {
    await start(
      ["a", "b", "c"].map((name) => checkedService(name, { replicas: 2 })),
      { healing: { mostPerHour: 2 } },
    );
    stage.answers = { "a/1": "bad", "b/1": "bad", "c/1": "bad" };
    await stage.rig.advance(9_000);
    expect(
      stage.rig.driver.calls.filter(({ method }) => method === "restart").map(({ handle }) => handle?.split("/")[0]),
    ).toHaveLength(2);
    expect(open().map(rungsOf)).toContainEqual(["(restart)"]);
  });
});
