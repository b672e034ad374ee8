// Healing on the whole loop, on a fake clock: what is done about a fault, what is not, and in which order.
import type { ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { enqueue } from "../create-control.ts";
import { applyRevision } from "../desired/apply-revision.ts";
import { doubtOneself } from "../detect/doubt-oneself.ts";
import { endpointId } from "../observe/instance.ts";
import { checkedService, createHealingStage, rungsOf } from "../testing/healing-stage.ts";
import { makeSpec } from "../testing/make-spec.ts";

const stage = createHealingStage();
const { start, open, all, restartsOf, instanceAt, tell } = stage;

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

const after = (service: string): Pick<ServiceSpec, "dependsOn"> => ({
  dependsOn: [{ service, condition: "ready", isRequired: true, restartsWithDependency: false }],
});

describe("a dependency that is down", () => {
  it("is one incident with those that suffer from it, and nothing is done to them", async () => {
    await start([
      checkedService("store"),
      checkedService("api", { replicas: 2, ...after("store") }),
      checkedService("web", after("api")),
    ]);
    stage.answers = { store: "bad", api: "bad", web: "bad" };
    await stage.rig.advance(300);
    for (let round = 0; round < 40; round += 1) {
      for (const ordinal of [0, 1]) tell("api", ordinal, { outcome: "server-error" });
      await stage.rig.advance(250);
    }
    expect(open().map(({ subject }) => subject.service)).toEqual(["store"]);
    expect(open()[0]?.dependants?.map(({ service }) => service)).toEqual(["api", "web"]);
    expect(restartsOf("store")).toBeGreaterThan(0);
    expect([restartsOf("api"), restartsOf("web")]).toEqual([0, 0]);
    // It comes back, and with it all that needed it: nobody is blamed afterwards.
    stage.answers = {};
    for (let round = 0; round < 80; round += 1) {
      await stage.rig.advance(250);
      for (const ordinal of [0, 1]) tell("api", ordinal);
    }
    expect(all().filter(({ state }) => state !== "closed")).toMatchObject([{ state: "recovered" }]);
    expect([restartsOf("api"), restartsOf("web")]).toEqual([0, 0]);
  });

  it("that exits takes nobody along, and who waits out a crash is tried at once when it is back", async () => {
    await start([checkedService("store"), checkedService("api", after("store"))]);
    const spec = stage.rig.control.context.effective()?.spec.services["api"];
    for (let crash = 0; crash < 4; crash += 1) {
      stage.rig.driver.crash(stage.rig.driver.instances("api").find(({ state }) => state === "running")!.handle);
      await stage.rig.advance(spec!.restart.delayMs * 2 ** crash);
    }
    stage.rig.driver.crash(stage.rig.driver.instances("api").findLast(({ state }) => state === "running")!.handle);
    await stage.rig.advance(300);
    stage.rig.driver.crash(stage.rig.driver.instances("store").findLast(({ state }) => state === "running")!.handle);
    await stage.rig.advance(1_000);
    expect(stage.rig.running("store")).toEqual([0]);
    expect(stage.rig.running("api")).toEqual([0]);
  });
});

it("an instance that exits because what it needs is down is no incident of its own, and is back with it", async () => {
  await start([checkedService("store"), checkedService("api", after("store"))]);
  stage.rig.driver.setKnobs({ startDelayMs: 4_000 });
  stage.rig.driver.crash(stage.instanceAt("store", 0).handle);
  await stage.rig.advance(300);
  stage.rig.driver.crash(stage.instanceAt("api", 0).handle, { code: 1 });
  await stage.rig.advance(1_000);
  expect(all()).toMatchObject([{ subject: { service: "store" }, dependants: [{ service: "api" }] }]);
  expect(all()[0]?.evidence.at(-1)?.text).toContain("api/0");
  await stage.rig.advance(12_000);
  expect(stage.rig.running("api")).toEqual([0]);
  expect(all()).toHaveLength(1);
});

describe("requests that fail at one instance", () => {
  it("lead up the ladder one rung at a time, over a restart of control, and end in asking", async () => {
    await start([checkedService("api", { replicas: 3 })]);
    const fail = async (seconds: number): Promise<void> => {
      for (let tick = 0; tick < seconds * 2; tick += 1) {
        const bad = stage.rig.control.context.state.table
          .of("api")
          .find((one) => one.phase === "ready" && one.ordinal >= 2);
        if (bad !== undefined) tell("api", bad.ordinal, { outcome: "server-error" });
        for (const ordinal of [0, 1]) tell("api", ordinal);
        await stage.rig.advance(500);
      }
    };
    await fail(2);
    expect(rungsOf(open()[0])).toEqual(["eject"]);
    expect(open()[0]?.actions[0]).toMatchObject({ rung: "eject", next: "restart" });
    expect(stage.rig.published.at(-1)?.pools[0]?.endpoints.filter(({ ejected }) => ejected === true)).toHaveLength(1);
    stage.rig = await stage.rig.restartControl();
    await stage.rig.advance(500);
    expect(rungsOf(open()[0])).toEqual(["eject"]);
    await fail(32);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart"]);
    expect(restartsOf("api")).toBe(1);
    expect(stage.rig.published.at(-1)?.pools[0]?.endpoints.some(({ ejected }) => ejected === true)).toBe(false);
    await fail(45);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart", "replace"]);
    await fail(60);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart", "replace", "(ask)"]);
    await fail(60);
    expect(rungsOf(open()[0])).toHaveLength(4);
    expect(all()).toHaveLength(1);
  }, 30_000);

  it("and then go well there by themselves lead no further than ejection", async () => {
    await start([checkedService("api", { replicas: 2 })]);
    for (let tick = 0; tick < 120; tick += 1) {
      tell("api", 1, tick < 10 ? { outcome: "server-error" } : {});
      tell("api", 0);
      await stage.rig.advance(500);
    }
    expect(all()).toMatchObject([{ class: "failed-requests", state: "recovered" }]);
    expect(rungsOf(all()[0])).toEqual(["eject"]);
    expect(restartsOf("api")).toBe(0);
  });

  it("of all instances are one incident of the service, and none of them is touched", async () => {
    await start([checkedService("api", { replicas: 3 })]);
    for (let tick = 0; tick < 240; tick += 1) {
      for (const ordinal of [0, 1, 2]) tell("api", ordinal, { outcome: "server-error" });
      await stage.rig.advance(500);
    }
    expect(open()).toMatchObject([{ class: "failed-requests", subject: { service: "api" } }]);
    expect(open()[0]?.subject.ordinal).toBeUndefined();
    expect(restartsOf("api")).toBe(0);
    expect(rungsOf(open()[0])).toEqual(["(ask)"]);
  }, 30_000);

  it("that came with a new revision are healed by the one before it, and the bad one does not come back by itself", async () => {
    const good = checkedService("api", { replicas: 2 });
    await start([good]);
    const bad = makeSpec([{ ...good, environment: { BAD: "1" } }]);
    await stage.rig.apply(bad);
    await stage.rig.advance(5_000);
    for (let tick = 0; tick < 12 && stage.rig.store.revisions.latest()?.number === 2; tick += 1) {
      for (const { ordinal } of stage.rig.control.context.state.table
        .of("api")
        .filter(({ phase }) => phase === "ready"))
        tell("api", ordinal, { outcome: "server-error" });
      await stage.rig.advance(500);
    }
    expect(stage.rig.store.revisions.latest()).toMatchObject({ number: 3, author: "healing" });
    expect(rungsOf(open()[0])).toEqual(["roll-back"]);
    expect(open()[0]?.actions[0]?.undo).toBe("flyball rollback --to 2");
    const fromFile = await applyRevision(stage.rig.control.context, {
      spec: bad,
      author: "file",
      reason: "file changed",
    });
    expect(fromFile).toMatchObject({ isChanged: false, revision: { number: 3 } });
    const fromPerson = await applyRevision(stage.rig.control.context, { spec: bad, author: "me", reason: "up" });
    expect(fromPerson).toMatchObject({ isChanged: true, revision: { number: 4 } });
  });
});

it("a control that was late itself opens nothing and does nothing for a while", async () => {
  await start([checkedService("api", { replicas: 2 })]);
  const { context } = stage.rig.control;
  stage.answers["api/1"] = "bad";
  await stage.rig.advance(2_000);
  for (let second = 0; second < 5; second += 1) {
    doubtOneself(context, 1_500);
    await stage.rig.advance(1_000);
  }
  expect(all()).toEqual([]);
  await stage.rig.advance(4_000);
  expect(open()).toMatchObject([{ class: "failed-health" }]);
  expect(restartsOf("api")).toBe(1);
});

describe("a model server", () => {
  const counters = (progress: number, waiting = 80): void => {
    const instance = instanceAt("llm", 0);
    const at = stage.rig.clock.now();
    enqueue(stage.rig.control.context.state.inbox.signals, {
      kind: "engine",
      pool: "llm",
      endpoint: endpointId(instance, "llm"),
      at,
      counters: { running: 8, waiting, progress },
    });
  };

  it("that is saturated for ten minutes, slow to answer its checks, is not restarted once", async () => {
    await start([checkedService("llm")]);
    for (let second = 0; second < 600; second += 1) {
      stage.answers["llm"] = second % 4 === 0 ? "good" : "silent";
      counters(second * 50);
      tell("llm", 0, { outcomes: { timeout: second % 10 === 0 ? 1 : 0, succeeded: 3 }, pieces: 50, inFlight: 8 });
      await stage.rig.advance(1_000);
    }
    expect(restartsOf("llm")).toBe(0);
    expect(all().filter(({ class: kind }) => kind === "frozen" || kind === "engine-stalled")).toEqual([]);
  }, 60_000);

  it("that has work and takes no step is restarted, although it is the only one", async () => {
    await start([checkedService("llm")]);
    for (let second = 0; second < 5; second += 1) {
      counters(second * 50);
      await stage.rig.advance(1_000);
    }
    for (let second = 0; second < 13; second += 1) {
      counters(250);
      await stage.rig.advance(1_000);
    }
    expect(restartsOf("llm")).toBe(1);
    expect(open()[0]).toMatchObject({ class: "engine-stalled" });
  }, 30_000);
});
