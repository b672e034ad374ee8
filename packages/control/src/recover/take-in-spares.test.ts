// Spares on the whole loop: ready, out of the requests, and in them with the pass that sees another one lost.
import { afterEach, expect, it } from "vitest";
import { appStatus } from "../api/status.ts";
import { checkedService, createHealingStage } from "../testing/healing-stage.ts";
import { makeSpec } from "../testing/make-spec.ts";

const stage = createHealingStage();

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

/** Ordinals that the gateway is to send requests to, over all snapshots or in the newest one. */
const served = (index = -1): readonly (string | undefined)[] =>
  (stage.rig.published.at(index)?.pools[0]?.endpoints ?? [])
    .filter(({ state, ejected }) => state === "serving" && ejected !== true)
    .map(({ id }) => /\/(\d+)@/.exec(id)?.[1]);
const spares = (): readonly string[] =>
  (appStatus(stage.rig.control.context).services[0]?.instances ?? [])
    .filter(({ isSpare }) => isSpare === true)
    .map(({ instance }) => instance);

it("a spare is started, ready, counted and asked nothing", async () => {
  await stage.start([checkedService("api", { replicas: 2, warm: 1 })]);
  expect(stage.rig.running("api")).toEqual([0, 1, 2]);
  expect(served()).toHaveLength(2);
  expect(spares()).toHaveLength(1);
  expect(appStatus(stage.rig.control.context).services[0]).toMatchObject({ state: "ready", desired: 2 });
});

it("is taken in at once when one that serves is lost, and what is started in its place is the next spare", async () => {
  await stage.start([checkedService("api", { replicas: 2, warm: 1 })], { goodWindowMs: 1_000 });
  const [lost] = served();
  const [spare] = spares();
  stage.rig.driver.setKnobs({ startDelayMs: 5_000 });
  stage.rig.driver.crash(stage.instanceAt("api", Number(lost)).handle);
  await stage.rig.advance(300);
  expect(served()).toHaveLength(2);
  expect(served()).toContain(spare?.split("/")[1]);
  expect(stage.open()[0]?.capacityRecoveredAt).toBeDefined();
  await stage.rig.advance(15_000);
  expect(spares()).toEqual([`api/${lost}`]);
  expect(served()).not.toContain(lost);
  expect(stage.all()).toMatchObject([{ class: "process-exit", state: "recovered" }]);
});

it("a new program is brought in without the requests ever losing an instance", async () => {
  await stage.start([checkedService("api", { replicas: 2, warm: 1 })]);
  const first = stage.rig.published.length;
  await stage.rig.apply(makeSpec([checkedService("api", { replicas: 2, warm: 1, environment: { A: "1" } })]));
  await stage.rig.advance(20_000);
  for (let index = first; index < stage.rig.published.length; index += 1)
    expect(served(index).length).toBeGreaterThanOrEqual(2);
  expect(stage.rig.driver.instances("api").filter(({ state }) => state === "running")).toHaveLength(3);
  expect(served()).toHaveLength(2);
});

it("without spares any more, nobody is left over", async () => {
  await stage.start([checkedService("api", { replicas: 2, warm: 1 })]);
  await stage.rig.apply(makeSpec([checkedService("api", { replicas: 2 })]));
  await stage.rig.advance(5_000);
  expect(stage.rig.running("api")).toHaveLength(2);
  expect(served()).toHaveLength(2);
});
