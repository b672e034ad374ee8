import { faultRecoveryTime, type DependencySpec, type ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { pause, restart, rollback, scale } from "./api/commands.ts";
import { appStatus } from "./api/status.ts";
import { applyRevision } from "./desired/apply-revision.ts";
import { composeText, textFields } from "./texts/compose-text.ts";
import { createControlRig, type ControlRig } from "./testing/control-rig.ts";
import { makeService, makeSpec } from "./testing/make-spec.ts";

/** Without ports there is nothing to probe: an instance is ready as soon as it runs. */
function plain(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const { healthcheck: _healthcheck, ...service } = makeService(name, { ports: [], ...overrides });
  return service;
}

function after(service: string, condition: DependencySpec["condition"] = "ready"): Pick<ServiceSpec, "dependsOn"> {
  return { dependsOn: [{ service, condition, isRequired: true, restartsWithDependency: false }] };
}

let rig: ControlRig;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

describe("control", () => {
  it("starts services in the order of their dependencies and says when the revision is reached", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api", { replicas: 2, ...after("store") }), plain("store")]));
    expect(rig.driver.calls.filter((call) => call.method === "apply").map((call) => call.service)).toEqual([
      "store",
      "api",
    ]);
    expect(rig.running("api")).toEqual([0, 1]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
    expect(appStatus(rig.control.context).state).toBe("ready");
  });

  it("fails the dependants of a dependency that exits within a second, with exit code, last lines and next command", async () => {
    rig = await createControlRig({
      knobs: (workload) =>
        workload.service === "store" ? { crashAfterMs: 100, exitCode: 3, output: ["cannot open file"] } : {},
    });
    await rig.apply(
      makeSpec([
        plain("api", after("store", "completed")),
        plain("store", { kind: "job", restart: { ...makeService("x").restart, policy: "never" } }),
      ]),
    );
    await rig.advance(1_000);
    const status = appStatus(rig.control.context).services.find((service) => service.service === "api");
    expect(status?.state).toBe("failed");
    expect(status?.reason).toContain("exited with code 3");
    expect(status?.reason).toContain("cannot open file");
    expect(status?.reason).toContain("Try: flyball logs store");
    expect(rig.eventsNamed("revision-failed")).toHaveLength(1);
    expect(rig.running("api")).toEqual([]);
  });

  it("starts a crashed instance again at once, in its place, and measures the recovery from the last good moment", async () => {
    rig = await createControlRig({ goodWindowMs: 2_000 });
    await rig.apply(makeSpec([plain("api", { replicas: 2 })]));
    await rig.advance(5_000);
    rig.driver.crash(rig.driver.instances("api")[0]!.handle);
    await rig.advance(300);
    expect(rig.running("api")).toEqual([0, 1]);
    await rig.advance(3_000);
    const [incident] = rig.store.incidents.list({ limit: 10 });
    expect(incident).toMatchObject({
      class: "process-exit",
      state: "recovered",
      goodWindowMs: 2_000,
      began: { source: "exit-event" },
    });
    const times = faultRecoveryTime(incident!);
    expect(times.totalMs).toBeLessThanOrEqual(1_300);
    expect(times.detectionMs + (times.recoveryMs ?? -1)).toBe(times.totalMs);
    expect(rig.eventsNamed("incident-recovered")).toHaveLength(1);
  });

  it("backs off from a crashing service, calls it a crash loop, and `restart` cuts the wait short", async () => {
    rig = await createControlRig({ knobs: { crashAfterMs: 500, output: ["boom"] } });
    await rig.apply(makeSpec([plain("api")]));
    await rig.advance(20_000);
    expect(appStatus(rig.control.context).services[0]).toMatchObject({ state: "crash-loop", ready: 0 });
    const starts = rig.driver.calls.filter((call) => call.method === "restart").length;
    expect(starts).toBeGreaterThanOrEqual(4);
    expect(starts).toBeLessThanOrEqual(7);
    expect(rig.store.incidents.list({ limit: 100 })).toHaveLength(1);
    rig.driver.setKnobs({});
    restart(rig.control.context, { service: "api", actor: "test" });
    await rig.advance(300);
    expect(rig.running("api")).toEqual([0]);
    await rig.advance(11_000);
    expect(appStatus(rig.control.context).services[0]?.state).toBe("ready");
  });

  it("replaces only the service whose program changed, and none of the others", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api", { replicas: 2 }), plain("store")]));
    const before = rig.driver.instances("store").map((instance) => instance.handle);
    await rig.apply(makeSpec([plain("api", { replicas: 2, environment: { LOG: "debug" } }), plain("store")]));
    await rig.advance(2_000);
    expect(rig.driver.instances("store").map((instance) => instance.handle)).toEqual(before);
    expect(rig.running("api")).toHaveLength(2);
    expect(
      new Set(
        rig.driver
          .instances("api")
          .filter((one) => one.state === "running")
          .map((one) => one.revision),
      ),
    ).toEqual(new Set([2]));
    expect(rig.eventsNamed("revision-reached")).toHaveLength(2);
  });

  it("tells a new revision with its plan, and its reason with what it was composed of", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api")]));
    const spec = makeSpec([plain("api", { replicas: 2 })]);
    // As the watch asks for it.
    const reason = textFields({ reason: composeText("revision.file-changed") });
    await applyRevision(rig.control.context, { spec, author: "file", ...reason });
    const [, written] = rig.eventsNamed("revision-written");
    expect(written).toMatchObject({
      reason: "file changed",
      composed: { reason: { key: "revision.file-changed" } },
      plan: {
        fromRevision: 1,
        toRevision: 2,
        steps: [
          { service: "api", action: "scale", reason: "1 → 2 instances", composed: { reason: { key: "plan.scale" } } },
        ],
      },
    });
    expect(rig.store.revisions.latest()).toMatchObject({ composed: { reason: { key: "revision.file-changed" } } });
  });

  it("keeps a crash's reason in both forms over a restart of control", async () => {
    rig = await createControlRig({ knobs: { crashAfterMs: 50, exitCode: 3, output: ["boom"] } });
    const restart = { ...makeService("x").restart, delayMs: 8_000, maxDelayMs: 8_000, crashLoopAfter: 2 };
    await rig.apply(makeSpec([plain("api", { restart })]));
    const before = appStatus(rig.control.context).services[0];
    expect(before?.reason).toMatch(
      /^api\/0 exited with code 3; crash 2 in a row.*\nLast lines:\n {2}boom\nTry: flyball/,
    );
    expect(before?.composed?.reason).toMatchObject({ key: "exit.last-lines", values: { lines: "boom" } });
    rig = await rig.restartControl();
    await rig.advance(500);
    const after = appStatus(rig.control.context).services[0];
    expect([after?.state, after?.reason, after?.composed]).toEqual(["crash-loop", before?.reason, before?.composed]);
    const [incident] = rig.store.incidents.list({ limit: 1 });
    expect(incident).toMatchObject({
      summary: "api/0 exited with code 3",
      composed: { summary: { key: "exit.summary" } },
      evidence: [{ composed: { text: { key: "exit.evidence-lines" } } }, {}],
      actions: [{ composed: { reason: { key: "exit.decided" } } }, {}, {}],
    });
    for (const event of rig.eventsNamed("service-state")) expect(event.reason ?? "").not.toContain("\n");
  });

  it("keeps the old instances when the new revision crashes, and a rollback ends it", async () => {
    rig = await createControlRig({
      knobs: (workload) => (workload.environment["BAD"] === undefined ? {} : { crashAfterMs: 50 }),
    });
    await rig.apply(makeSpec([plain("api", { replicas: 2 })]));
    const good = rig.driver.instances("api").map((instance) => instance.handle);
    await rig.apply(makeSpec([plain("api", { replicas: 2, environment: { BAD: "1" } })]));
    await rig.advance(3_000);
    expect(rig.eventsNamed("revision-failed").map((event) => event.revision)).toEqual([2]);
    expect(
      rig.driver
        .instances("api")
        .filter((one) => one.state === "running")
        .map((one) => one.handle),
    ).toEqual(expect.arrayContaining(good));
    await rollback(rig.control.context, { actor: "test" });
    await rig.advance(2_000);
    expect(
      rig.driver
        .instances("api")
        .filter((one) => one.state === "running")
        .map((one) => one.handle)
        .toSorted(),
    ).toEqual(good.toSorted());
    expect(rig.store.revisions.latest()).toMatchObject({ number: 3, reason: "rollback to 1" });
  });

  it("adopts what runs after a restart of control: nothing is started again, exits in between become incidents", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api", { replicas: 2 }), plain("store")]));
    const before = rig.driver.instances().map((instance) => instance.handle);
    const [crashed] = rig.driver.instances("api");
    const next = rig.restartControl();
    rig.driver.crash(crashed!.handle, { code: 9 });
    rig = await next;
    expect(rig.driver.instances("store").map((instance) => instance.handle)).toEqual(
      before.filter((handle) => handle.includes("store")),
    );
    await rig.advance(500);
    expect(rig.running("api")).toEqual([0, 1]);
    expect(rig.store.incidents.list({ limit: 5 })[0]).toMatchObject({
      class: "process-exit",
      summary: "api/0 exited with code 9",
    });
    expect(rig.driver.calls.filter((call) => call.method === "restart")).toHaveLength(1);
  });

  it("starts nothing of the stored revision on a fresh start before up has said what it wants", async () => {
    const first = await createControlRig();
    const old = makeSpec([plain("api", { environment: { OLD: "1" } })]);
    await first.apply(old);
    await first.dispose();
    rig = await createControlRig({ store: first.store, isFreshStart: true });
    await rig.advance(2_000);
    expect(rig.driver.instances()).toEqual([]);
    await rig.apply(makeSpec([plain("api", { environment: { OLD: "0" } })]));
    expect(rig.driver.calls.filter((call) => call.method === "apply")).toHaveLength(1);
    expect(rig.running("api")).toEqual([0]);
  });

  it("takes the stored revision up again when up wants the same", async () => {
    const first = await createControlRig();
    const spec = makeSpec([plain("api")]);
    await first.apply(spec);
    await first.dispose();
    rig = await createControlRig({ store: first.store, isFreshStart: true });
    await rig.apply(spec);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.eventsNamed("revision-reached").map((event) => event.revision)).toEqual([1, 1]);
  });

  it("acts on nothing while paused, and catches up when the pause runs out", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api")]));
    pause(rig.control.context, { service: "api", forMs: 60_000, actor: "test", reason: "looking at it" });
    rig.driver.crash(rig.driver.instances("api")[0]!.handle);
    await rig.advance(30_000);
    expect(rig.running("api")).toEqual([]);
    await rig.advance(31_000);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.eventsNamed("override-dropped")[0]).toMatchObject({ reason: "its time is over" });
  });

  it("scales by an override that a revision with another number drops and reports", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api", { replicas: 1 })]));
    scale(rig.control.context, { service: "api", replicas: 3, actor: "test" });
    await rig.advance(500);
    expect(rig.running("api")).toEqual([0, 1, 2]);
    await rig.apply(makeSpec([plain("api", { replicas: 1, labels: { a: "b" } })]));
    expect(rig.running("api")).toEqual([0, 1, 2]);
    await rig.apply(makeSpec([plain("api", { replicas: 2, labels: { a: "b" } })]));
    await rig.advance(1_000);
    expect(rig.running("api")).toEqual([0, 1]);
    expect(rig.eventsNamed("override-dropped")).toHaveLength(1);
  });

  it("runs a job once for each revision, and one that is marked once never again", async () => {
    rig = await createControlRig({
      knobs: (workload) => (workload.kind === "job" ? { crashAfterMs: 20, exitCode: 0 } : {}),
    });
    const jobs = [plain("migrate", { kind: "job" }), plain("seed", { kind: "job", run: "once" })];
    await rig.apply(makeSpec([...jobs, plain("api", after("migrate", "completed"))]));
    await rig.advance(1_000);
    await rig.apply(makeSpec([...jobs, plain("api", { ...after("migrate", "completed"), environment: { A: "1" } })]));
    await rig.advance(1_000);
    const runs = rig.driver.calls.filter((call) => call.method === "apply").map((call) => call.service);
    expect(runs.filter((service) => service === "migrate")).toHaveLength(2);
    expect(runs.filter((service) => service === "seed")).toHaveLength(1);
    expect(appStatus(rig.control.context).state).toBe("ready");
  });

  it("retries a failed start with growing waits and says why in the status", async () => {
    rig = await createControlRig({ knobs: { failToStart: "no such program" } });
    await rig.apply(makeSpec([plain("api")]));
    await rig.advance(3_000);
    const [service] = appStatus(rig.control.context).services;
    expect(service?.state).toBe("failed");
    expect(service?.reason).toContain("no such program");
    rig.driver.setKnobs({});
    await rig.advance(10_000);
    expect(rig.running("api")).toEqual([0]);
    expect(appStatus(rig.control.context).services[0]?.state).toBe("ready");
  });
});
