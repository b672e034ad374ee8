// Room on the machine, through the whole loop on a fake driver.
import type { ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { appStatus } from "../api/status.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { pause, resume, runOnce, scale } from "../api/commands.ts";

const GIB = 1024 ** 3;
let rig: ControlRig;
afterEach(async () => rig.dispose());

/** A service without a check, so that it is ready a second after its start. */
function reserving(name: string, gib: number, change: Partial<ServiceSpec> & { room?: object } = {}): ServiceSpec {
  const { room, ...rest } = change;
  const { healthcheck: _check, ...service } = makeService(name, {
    ports: [],
    resources: { limits: {}, reservations: { memoryBytes: gib * GIB }, ...room },
    ...rest,
  });
  return service;
}

const statusOf = (service: string) =>
  appStatus(rig.control.context).services.find((candidate) => candidate.service === service);

describe("a service whose reservation does not fit", () => {
  it("waits in a state of its own, and says what is free and who would have to go", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("first", 5), reserving("second", 4)]));
    expect(rig.running("first")).toEqual([0]);
    expect(rig.running("second")).toEqual([]);
    expect(statusOf("second")).toMatchObject({ state: "no-room" });
    expect(statusOf("second")?.reason).toContain(
      "needs 4 GiB, free are 3 GiB; would have to go: first/0 (5 GiB)\nLower reservations",
    );
    expect(appStatus(rig.control.context).state).toBe("degraded");
    const [failed] = rig.eventsNamed("revision-failed");
    expect(failed?.reason).toContain("second needs 4 GiB");
  });

  it("starts as soon as there is room, and the revision is reached after all", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("first", 5), reserving("second", 4)]));
    scale(rig.control.context, { service: "first", replicas: 0, actor: "test" });
    await rig.advance(5_000);
    expect(rig.running("second")).toEqual([0]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
  });

  it("gets room before others of a lower class, whatever the start order", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(
      makeSpec([
        reserving("a-low", 4, { room: { priority: "low" } }),
        reserving("b-normal", 4),
        reserving("c-high", 4, { room: { priority: "high" } }),
      ]),
    );
    expect(["a-low", "b-normal", "c-high"].map((name) => rig.running(name).length)).toEqual([0, 1, 1]);
  });

  it("has as many instances as fit, and is degraded", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB, cpus: 4 } });
    await rig.apply(makeSpec([reserving("api", 3, { replicas: 3 })]));
    expect(rig.running("api")).toEqual([0, 1]);
    expect(statusOf("api")).toMatchObject({ state: "degraded", ready: 2, desired: 3 });
  });

  it("is not given room that a start under way has taken", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB }, knobs: { startDelayMs: 10_000 } });
    await rig.apply(makeSpec([reserving("first", 5), reserving("second", 4)]));
    await rig.advance(30_000);
    expect(rig.running("first")).toEqual([0]);
    expect(rig.running("second")).toEqual([]);
    expect(rig.driver.calls.filter(({ method }) => method === "apply")).toHaveLength(1);
  });

  it("keeps the room of an instance that crashed and is started again", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("first", 5), reserving("second", 4)]));
    for (let crash = 0; crash < 3; crash += 1) {
      const living = rig.driver.instances("first").find(({ state }) => state === "running");
      rig.driver.crash(living?.handle ?? "");
      await rig.advance(4_000);
    }
    expect(rig.running("first")).toEqual([0]);
    expect(rig.running("second")).toEqual([]);
  });

  it("counts what runs already after a restart of control", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("first", 5), reserving("second", 4)]));
    rig = await rig.restartControl();
    await rig.advance(5_000);
    expect([rig.running("first"), rig.running("second")]).toEqual([[0], []]);
    expect(statusOf("second")?.state).toBe("no-room");
  });
});

describe("a job", () => {
  it("holds its room until it has ended, and what waits for it says so", async () => {
    rig = await createControlRig({
      machine: { memoryBytes: 8 * GIB },
      knobs: (workload) => (workload.service === "migrate" ? { crashAfterMs: 20_000, exitCode: 0 } : {}),
    });
    const job = reserving("migrate", 6, { kind: "job", restart: restartOnFailure(), room: { priority: "high" } });
    await rig.apply(makeSpec([job, reserving("api", 4)]));
    expect(rig.running("migrate")).toEqual([0]);
    expect(statusOf("api")).toMatchObject({ state: "no-room" });
    expect(statusOf("api")?.reason).toBe("needs 4 GiB, free are 2 GiB; waits for the end of migrate/0 (6 GiB)");
    expect(rig.eventsNamed("revision-failed")).toEqual([]);
    await rig.advance(25_000);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
  });

  it("waits for room itself", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    const job = reserving("migrate", 6, { kind: "job", restart: restartOnFailure() });
    await rig.apply(makeSpec([reserving("api", 4, { room: { priority: "high" } }), job]));
    expect(statusOf("migrate")).toMatchObject({ state: "no-room" });
    expect(rig.running("migrate")).toEqual([]);
  });
});

it("refuses a one-off that has no room, for it would wait unseen", async () => {
  rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
  await rig.apply(makeSpec([reserving("api", 3), reserving("db", 3)]));
  await expect(runOnce(rig.control.context, { service: "api", actor: "ann" })).rejects.toMatchObject({
    code: "FB_CONTROL_NO_ROOM",
    message: expect.stringContaining("api needs 3 GiB; free are 2 GiB. Would have to go: "),
  });
  scale(rig.control.context, { service: "db", replicas: 0, actor: "test" });
  await rig.advance(3_000);
  await runOnce(rig.control.context, { service: "api", actor: "ann" });
  await expect(runOnce(rig.control.context, { service: "api", actor: "ann" })).rejects.toMatchObject({
    code: "FB_CONTROL_NO_ROOM",
  });
});

describe("a replacement", () => {
  it("starts in the place of the old instance where both do not fit side by side, one after the other", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("api", 4, { replicas: 2 })]));
    const before = new Set(rig.driver.instances("api").map(({ handle }) => handle));
    await rig.apply(makeSpec([reserving("api", 4, { replicas: 2, environment: { VERSION: "2" } })]));
    await rig.advance(20_000);
    const running = rig.driver.instances("api").filter(({ state }) => state === "running");
    expect(running).toHaveLength(2);
    expect(running.some(({ handle }) => before.has(handle))).toBe(false);
    const most = Math.max(...rig.driver.calls.map(({ replicas }) => replicas ?? 0));
    expect(most).toBe(2);
    expect(rig.eventsNamed("revision-failed")).toEqual([]);
  });

  it("leaves one of two ready all the time, however long the other takes to end and to start", async () => {
    rig = await createControlRig({
      machine: { memoryBytes: 8 * GIB },
      knobs: { stopDelayMs: 2_000, startDelayMs: 2_000 },
    });
    await rig.apply(makeSpec([reserving("api", 4, { replicas: 2 })]));
    await rig.advance(5_000);
    await rig.apply(makeSpec([reserving("api", 4, { replicas: 2, environment: { VERSION: "2" } })]));
    let least = 2;
    for (let tenth = 0; tenth < 300; tenth += 1) {
      await rig.advance(100);
      least = Math.min(least, statusOf("api")?.ready ?? 0);
    }
    expect(least).toBe(1);
    expect(rig.eventsNamed("revision-reached").map(({ revision }) => revision)).toContain(2);
  });

  it("does not end the old instance for one that has no room in its place either", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([reserving("api", 2), reserving("db", 4)]));
    await rig.apply(makeSpec([reserving("api", 6), reserving("db", 4)]));
    await rig.advance(10_000);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.driver.instances("api")).toHaveLength(1);
    const [failed] = rig.eventsNamed("revision-failed");
    expect(failed?.reason).toContain("api needs 6 GiB, free are 2 GiB");
  });

  it("is not caused by another priority", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([reserving("api", 1)]));
    const [before] = rig.driver.instances("api");
    await rig.apply(makeSpec([reserving("api", 1, { room: { priority: "high", preempts: true } })]));
    expect(rig.driver.instances("api").map(({ handle }) => handle)).toEqual([before?.handle]);
  });
});

describe("making way", () => {
  const batch = reserving("batch", 3, { replicas: 2, room: { priority: "low" } });

  it("happens only where the manifest says so", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([batch]));
    await rig.apply(makeSpec([batch, reserving("llm", 4, { room: { priority: "high" } })]));
    await rig.advance(5_000);
    expect(rig.running("batch")).toEqual([0, 1]);
    expect(statusOf("llm")?.state).toBe("no-room");
  });

  it("stops as few of a lower class as are needed, and says why; they wait for room then", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    await rig.apply(makeSpec([batch]));
    await rig.apply(makeSpec([batch, reserving("llm", 4, { room: { priority: "high", preempts: true } })]));
    await rig.advance(5_000);
    expect(rig.running("llm")).toEqual([0]);
    expect(rig.running("batch")).toHaveLength(1);
    expect(statusOf("batch")).toMatchObject({ state: "degraded", ready: 1 });
    const told = rig.eventsNamed("instance-preempted");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ by: "llm" });
    expect(told[0]?.reason).toContain("llm has a higher priority and needs 4 GiB, free are 2 GiB");
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
  });

  it("does not touch a paused service, and is held back by a pause itself", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    const llm = reserving("llm", 4, { room: { priority: "high", preempts: true } });
    await rig.apply(makeSpec([batch]));
    pause(rig.control.context, { service: "batch", actor: "test", reason: "counting" });
    await rig.apply(makeSpec([batch, llm]));
    await rig.advance(5_000);
    expect(rig.running("batch")).toEqual([0, 1]);
    pause(rig.control.context, { actor: "test", reason: "counting" });
    resume(rig.control.context, { service: "batch", actor: "test" });
    await rig.advance(5_000);
    expect(rig.running("batch")).toEqual([0, 1]);
    resume(rig.control.context, { actor: "test" });
    await rig.advance(5_000);
    expect(rig.running("llm")).toEqual([0]);
  });

  it("never stops a stateful service", async () => {
    rig = await createControlRig({ machine: { memoryBytes: 8 * GIB } });
    const db = reserving("db", 6, { kind: "stateful", room: { priority: "low" } });
    await rig.apply(makeSpec([db]));
    await rig.apply(makeSpec([db, reserving("llm", 4, { room: { priority: "high", preempts: true } })]));
    await rig.advance(5_000);
    expect(rig.running("db")).toEqual([0]);
    expect(rig.running("llm")).toEqual([]);
  });
});

function restartOnFailure(): ServiceSpec["restart"] {
  return { policy: "on-failure", delayMs: 500, maxDelayMs: 30_000, resetAfterMs: 60_000, crashLoopAfter: 5 };
}
