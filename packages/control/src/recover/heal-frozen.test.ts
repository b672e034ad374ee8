// Healing of an instance that answers nothing, on the whole loop and a fake clock: how soon it is known, what is done, and when nothing is.
import type { ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { checkedService, createHealingStage, rungsOf } from "../testing/healing-stage.ts";

const stage = createHealingStage();
const { start, open, all, restartsOf, tell } = stage;

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

const after = (service: string): Pick<ServiceSpec, "dependsOn"> => ({
  dependsOn: [{ service, condition: "ready", isRequired: true, restartsWithDependency: false }],
});

describe("an instance that answers nothing", () => {
  it("leaves the traffic within three seconds, is killed after five, and its incident recovers", async () => {
    await start([checkedService("api", { replicas: 2 })], { goodWindowMs: 2_000 });
    await stage.rig.advance(3_000);
    stage.rig.driver.setKnobs({});
    const frozenAt = stage.rig.clock.now();
    stage.answers["api/1"] = "silent";
    await stage.rig.advance(3_000);
    expect(stage.rig.published.at(-1)?.pools[0]?.endpoints).toHaveLength(1);
    expect(open()).toMatchObject([{ class: "frozen", subject: { ordinal: 1 } }]);
    await stage.rig.advance(3_000);
    const killed = stage.rig.driver.calls.find(({ method }) => method === "restart");
    expect(killed?.at).toBeLessThanOrEqual(frozenAt + 6_000);
    expect(rungsOf(open()[0])).toEqual(["restart"]);
    await stage.rig.advance(5_000);
    expect(all()).toMatchObject([{ class: "frozen", state: "recovered" }]);
    expect(stage.rig.running("api")).toEqual([0, 1]);
  });

  it("and that a signal has stopped is known by its first silent check, and started again at once", async () => {
    await start([checkedService("db"), checkedService("api", { replicas: 2, ...after("db") })], {
      goodWindowMs: 2_000,
    });
    await stage.rig.advance(3_000);
    const frozenAt = stage.rig.clock.now();
    stage.answers["api/1"] = "stopped";
    await stage.rig.advance(2_000);
    expect(all()).toMatchObject([{ class: "frozen", subject: { ordinal: 1 } }]);
    expect(all()[0]?.summary).toContain("a signal has stopped its process");
    const killed = stage.rig.driver.calls.find(({ method }) => method === "restart");
    expect(killed?.at).toBeLessThanOrEqual(frozenAt + 1_700);
  });

  it("and stops again within a minute is started again without a minute's pause, and each time a little later", async () => {
    await start([checkedService("api", { replicas: 2 })], { goodWindowMs: 2_000 });
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await stage.rig.advance(10_000);
      const stoppedAt = stage.rig.clock.now();
      stage.answers["api/1"] = "stopped";
      await stage.rig.advance(3_000);
      stage.answers = {};
      const killedAt = stage.rig.driver.calls.findLast(({ method }) => method === "restart")?.at ?? 0;
      took.push(killedAt - stoppedAt);
      await stage.rig.advance(10_000);
    }
    expect(restartsOf("api")).toBe(3);
    expect(Math.max(...took)).toBeLessThan(3_000);
    expect(stage.rig.control.context.state.table.slot("api", 1).history.crashes).toBe(3);
    await stage.rig.advance(60_000);
    stage.answers["api/1"] = "stopped";
    await stage.rig.advance(3_000);
    expect(stage.rig.control.context.state.table.slot("api", 1).history.crashes).toBe(1);
    stage.answers = {};
    await stage.rig.advance(10_000);
  });

  it("is called frozen although its requests were seen to hang first, and is started again", async () => {
    await start([checkedService("api", { replicas: 2 })]);
    await stage.rig.advance(3_000);
    stage.answers["api/1"] = "stopped";
    const silent = { ejected: { since: stage.rig.clock.now(), reason: "stuck" } } as const;
    tell("api", 1, { ...silent, outcome: "timeout", oldestWaitMs: 1_200 });
    await stage.rig.advance(250);
    expect(all()).toMatchObject([{ class: "stuck-requests", subject: { ordinal: 1 } }]);
    await stage.rig.advance(2_000);
    expect(all()).toMatchObject([{ class: "frozen", subject: { ordinal: 1 } }]);
    expect(all()[0]?.summary).toContain("a signal has stopped its process");
    expect(restartsOf("api")).toBe(1);
  });

  it("while a request waits there is probed at once", async () => {
    await start([checkedService("api", { replicas: 2 })]);
    for (let tick = 0; tick < 20; tick += 1) {
      for (const ordinal of [0, 1]) tell("api", ordinal);
      await stage.rig.advance(200);
    }
    stage.answers["api/1"] = "stopped";
    for (let waitMs = 200; waitMs <= 1_400; waitMs += 200) {
      tell("api", 0);
      if (all().length === 0) tell("api", 1, { outcome: "cancelled", outcomes: {}, oldestWaitMs: waitMs, inFlight: 1 });
      await stage.rig.advance(200);
    }
    expect(all()).toMatchObject([{ class: "frozen", subject: { ordinal: 1 } }]);
  });

  it("but whose requests move is busy: nothing is done for ten minutes", async () => {
    await start([checkedService("api")]);
    stage.answers["api"] = "silent";
    for (let tick = 0; tick < 1_200; tick += 1) {
      tell("api", 0, { outcomes: {}, pieces: 10, inFlight: 40 });
      await stage.rig.advance(500);
    }
    expect(all()).toEqual([]);
    expect(restartsOf("api")).toBe(0);
  }, 60_000);

  it("with all the others of its service is started again one at a time", async () => {
    await start([checkedService("api", { replicas: 3 })]);
    stage.answers["api"] = "silent";
    const waiting: number[] = [];
    for (let tick = 0; tick < 200; tick += 1) {
      await stage.rig.advance(100);
      const moving = stage.rig.control.context.state.table
        .of("api")
        .filter(({ phase }) => phase === "starting" || phase === "stopping");
      waiting.push(moving.length);
    }
    expect(Math.max(...waiting)).toBe(1);
    stage.answers = {};
    await stage.rig.advance(60_000);
    expect(all().every(({ state }) => state === "recovered")).toBe(true);
  }, 30_000);

  it("with more than half of the app is rather a blind observer: a person is told, and nothing is done", async () => {
    await start([checkedService("a", { replicas: 2 }), checkedService("b", { replicas: 2 }), checkedService("c")]);
    await stage.rig.advance(1_000);
    stage.answers = { a: "silent", b: "silent" };
    await stage.rig.advance(60_000);
    expect(open()).toMatchObject([{ class: "mass-loss", dependants: [{ service: "a" }, { service: "b" }] }]);
    expect(rungsOf(open()[0])).toEqual(["(ask)"]);
    expect(stage.rig.driver.calls.filter(({ method }) => method === "restart")).toEqual([]);
    stage.answers = {};
    await stage.rig.advance(5_000);
    expect(all().filter(({ state }) => state !== "closed")).toMatchObject([{ class: "mass-loss", state: "recovered" }]);
  }, 30_000);
});
