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

describe("an instance that stage.answers nothing", () => {
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
