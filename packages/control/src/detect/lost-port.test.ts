// What happens when another program takes an instance's port between the choice and the program's own bind, on the whole loop.
import type { PortSpec, ServiceSpec } from "@flyball/core";
import type { FakeKnobs } from "@flyball/drivers";
import { afterEach, describe, expect, it } from "vitest";
import { appStatus } from "../api/status.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";

const HOLDER = "python3 (pid 4711)";
const CHECK = { command: ["true"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };

let rig: ControlRig;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

/** `store`, which loses the races of its first starts, and `api`, which needs it. */
async function start(
  knobs: (start: number) => Partial<FakeKnobs>,
  port: Partial<PortSpec> = {},
  kind: ServiceSpec["kind"] = "service",
): Promise<void> {
  rig = await createControlRig({
    // `store` starts first, so the driver's starts are its own until it is ready.
    knobs: ({ service }, _ordinal, count) =>
      service === "store" ? { ports: { main: 21_000 + count }, ...knobs(count) } : {},
  });
  const ports: readonly PortSpec[] = [{ name: "main", protocol: "http", host: "127.0.0.1", ...port }];
  const dependsOn: ServiceSpec["dependsOn"] = [
    { service: "store", condition: "ready", isRequired: true, restartsWithDependency: false },
  ];
  const { healthcheck: _healthcheck, ...api } = makeService("api", { ports: [], dependsOn });
  await rig.apply(makeSpec([makeService("store", { kind, ports, healthcheck: CHECK }), api]));
}

const states = (): readonly string[] =>
  appStatus(rig.control.context).services.map(({ service, state }) => `${service} ${state}`);
const restarts = (): number => rig.driver.calls.filter(({ method }) => method === "restart").length;

describe("an instance whose port somebody took first", () => {
  it("and that left because of it starts again at once on another port: no incident, no failure, no crash counted", async () => {
    await start((count) => (count <= 2 ? { portHolder: HOLDER, crashAfterMs: 5, exitCode: 98 } : {}));
    expect(states()).toEqual(["store ready", "api ready"]);
    expect(restarts()).toBe(2);
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
    expect(rig.eventsNamed("revision-failed")).toEqual([]);
    expect(rig.eventsNamed("revision-reached")).toHaveLength(1);
    const shown = [...rig.eventsNamed("service-state"), ...rig.eventsNamed("instance-state")].map(({ state }) => state);
    expect(new Set(shown)).toEqual(new Set(["pending", "starting", "ready"]));
    expect(rig.eventsNamed("listener-moved")).toMatchObject([
      { id: "store/0", wishedPort: 21_001, port: 21_002, holder: HOLDER },
      { id: "store/0", wishedPort: 21_002, port: 21_003, holder: HOLDER },
    ]);
    expect(rig.store.slots.list()).toMatchObject([
      { service: "store", crashes: 0, restarts: 2 },
      { service: "api", crashes: 0, restarts: 0 },
    ]);
  });

  it("and that goes on is never taken for ready, although its probe is answered, and starts again on another port", async () => {
    await start((count) => (count === 1 ? { portHolder: HOLDER } : {}));
    expect(states()).toEqual(["store ready", "api ready"]);
    expect(restarts()).toBe(1);
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
    const started = rig.driver.instances("store").filter(({ state }) => state === "running");
    expect(started.map(({ addresses }) => addresses["main"]?.port)).toEqual([21_002]);
  });

  it("fails like any other when it lost six times in a row", async () => {
    await start(() => ({ portHolder: HOLDER, crashAfterMs: 5, exitCode: 98 }));
    expect(states()).toEqual(["store unhealthy", "api failed"]);
    expect(rig.store.incidents.list({ limit: 5 })).toMatchObject([{ class: "start-failed" }]);
    expect(rig.eventsNamed("revision-failed")).toHaveLength(1);
  });

  it("fails when the manifest itself names the port, with the stranger in the reason", async () => {
    await start(() => ({ portHolder: HOLDER }), { port: 21_001 });
    expect(restarts()).toBe(0);
    expect(states()).toEqual(["store starting", "api pending"]);
    const [store] = appStatus(rig.control.context).services;
    expect(store?.reason).toBe(`port 21001 is held by ${HOLDER}, not by the instance`);
    await rig.advance(40_000);
    expect(rig.store.incidents.list({ limit: 5 })[0]).toMatchObject({ class: "start-failed" });
  });

  it("is left alone while it lives when it is stateful, and started again when it left", async () => {
    await start((count) => (count === 1 ? { portHolder: HOLDER } : {}), { protocol: "tcp" }, "stateful");
    expect(restarts()).toBe(0);
    expect(states()).toEqual(["store starting", "api pending"]);
    rig.driver.crash(rig.driver.instances("store")[0]?.handle ?? "");
    await rig.advance(2_000);
    expect(states()).toEqual(["store ready", "api ready"]);
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
  });

  it("tells what starts after it where it is, when it has an address of its own", async () => {
    await start((count) => (count === 1 ? { portHolder: HOLDER, crashAfterMs: 5 } : {}), { protocol: "tcp" });
    expect(states()).toEqual(["store ready", "api ready"]);
    expect(rig.control.context.state.tcpAddresses.get("store")?.port).toBe(21_002);
  });
});
