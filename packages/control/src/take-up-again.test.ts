// How control goes on after what cut it off: its own restart, a dead keeper, a failed job that is asked for again.
import type { DependencySpec, ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { restart } from "./api/commands.ts";
import { appStatus } from "./api/status.ts";
import { applyRevision } from "./desired/apply-revision.ts";
import { createControlRig, type ControlRig } from "./testing/control-rig.ts";
import { makeService, makeSpec } from "./testing/make-spec.ts";

function plain(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const { healthcheck: _healthcheck, ...service } = makeService(name, { ports: [], ...overrides });
  return service;
}

function after(service: string, condition: DependencySpec["condition"] = "ready"): Pick<ServiceSpec, "dependsOn"> {
  return { dependsOn: [{ service, condition, isRequired: true, restartsWithDependency: false }] };
}

const NEVER = { ...makeService("x").restart, policy: "never" } as const;

let rig: ControlRig;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

const starts = (service: string): number =>
  rig.driver.calls.filter((call) => call.method === "apply" && call.service === service).length;
const stateOf = (service: string): string | undefined =>
  appStatus(rig.control.context).services.find((candidate) => candidate.service === service)?.state;

describe("control that goes on", () => {
  it("tells of a revision that was reached only after its restart, and not again of one that was reached before", async () => {
    rig = await createControlRig();
    await applyRevision(rig.control.context, { spec: makeSpec([plain("api")]), author: "test", reason: "test" });
    await rig.advance(100);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(0);
    for (let count = 0; count < 2; count += 1) {
      rig = await rig.restartControl();
      await rig.advance(2_500);
      expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
    }
  });

  it("begins anew without instances and says when the same revision is reached again", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api")]));
    const { clock, store } = rig;
    await rig.dispose();
    rig = await createControlRig({ clock, store });
    expect(appStatus(rig.control.context).state).toBe("starting");
    await rig.advance(2_500);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(2);
  });

  it("runs a job again whose run was cut off with everything else", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("migrate", { kind: "job" }), plain("api", after("migrate", "completed"))]));
    expect(stateOf("migrate")).toBe("starting");
    const { clock, store } = rig;
    await rig.dispose();
    rig = await createControlRig({
      clock,
      store,
      knobs: (workload) => (workload.kind === "job" ? { crashAfterMs: 20, exitCode: 0 } : {}),
    });
    await rig.advance(2_500);
    expect(starts("migrate")).toBe(1);
    expect(stateOf("migrate")).toBe("completed");
    expect(stateOf("api")).toBe("ready");
  });

  it("runs a failed job again when the same manifest is applied, and any job when a person restarts it", async () => {
    rig = await createControlRig({
      knobs: (workload) => (workload.kind === "job" ? { crashAfterMs: 20, exitCode: 4 } : {}),
    });
    const spec = makeSpec([
      plain("migrate", { kind: "job", restart: NEVER }),
      plain("api", after("migrate", "completed")),
    ]);
    await rig.apply(spec);
    expect(stateOf("migrate")).toBe("failed");
    expect(rig.eventsNamed("revision-failed")).toHaveLength(1);
    rig.driver.setKnobs((workload) => (workload.kind === "job" ? { crashAfterMs: 20, exitCode: 0 } : {}));
    await rig.apply(spec);
    await rig.advance(2_500);
    expect([stateOf("migrate"), stateOf("api")]).toEqual(["completed", "ready"]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
    restart(rig.control.context, { service: "migrate", actor: "test" });
    await rig.advance(2_500);
    expect(starts("migrate")).toBe(3);
    expect(stateOf("migrate")).toBe("completed");
  });

  it("fails the dependants of dependants too, with the first cause", async () => {
    rig = await createControlRig({
      knobs: (workload) => (workload.service === "store" ? { crashAfterMs: 100, exitCode: 3 } : {}),
    });
    await rig.apply(
      makeSpec([plain("web", after("api")), plain("api", after("store")), plain("store", { restart: NEVER })]),
    );
    await rig.advance(2_500);
    expect([stateOf("api"), stateOf("web")]).toEqual(["failed", "failed"]);
    const web = appStatus(rig.control.context).services.find((service) => service.service === "web");
    expect(web?.reason).toContain("needs api: needs store: store/0 exited with code 3");
  });
});

describe("a crash loop over a restart of control", () => {
  it("is not counted twice, told twice, or cut short", async () => {
    rig = await createControlRig({ knobs: { crashAfterMs: 50, exitCode: 3 } });
    await rig.apply(
      makeSpec([
        plain("api", {
          restart: { ...makeService("x").restart, delayMs: 8_000, maxDelayMs: 8_000, crashLoopAfter: 2 },
        }),
      ]),
    );
    await rig.advance(2_500);
    expect(stateOf("api")).toBe("crash-loop");
    const exits = rig.eventsNamed("instance-exited").length;
    for (let count = 0; count < 2; count += 1) {
      rig = await rig.restartControl();
      await rig.advance(500);
    }
    expect(stateOf("api")).toBe("crash-loop");
    expect(rig.eventsNamed("instance-exited")).toHaveLength(exits);
    expect(rig.store.incidents.list({ limit: 10 })).toHaveLength(1);
    expect(rig.store.slots.list()).toMatchObject([{ service: "api", crashes: 2 }]);
    expect(rig.running("api")).toEqual([]);
    await rig.advance(10_000);
    expect(rig.running("api")).toEqual([0]);
    expect(stateOf("api")).toBe("ready");
  });

  it("waits before it tries again what cannot even be started", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([plain("api")]));
    rig.driver.setKnobs({ failToStart: "no such program" });
    rig.driver.crash(rig.driver.instances("api")[0]!.handle);
    await rig.advance(3_000);
    const tries = rig.driver.calls.filter((call) => call.method === "restart").length;
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(tries).toBeLessThanOrEqual(4);
    expect(stateOf("api")).toBe("failed");
    rig.driver.setKnobs({});
    await rig.advance(5_000);
    expect(stateOf("api")).toBe("ready");
  });
});
