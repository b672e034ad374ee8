// Crashes on the whole loop and a fake clock: back-off, crash loop and reset, whatever the uptime, and exits that the manifest allows for.
import type { ServiceSpec } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { appStatus } from "../api/status.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";

let rig: ControlRig;
afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

function plain(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const { healthcheck: _healthcheck, ...service } = makeService(name, { ports: [], ...overrides });
  return service;
}

const stateOf = (service: string): string | undefined =>
  appStatus(rig.control.context).services.find((candidate) => candidate.service === service)?.state;
const exits = (): readonly number[] => rig.eventsNamed("instance-exited").map(({ exit }) => exit.at);
const restarts = (): readonly number[] =>
  rig.driver.calls.filter(({ method }) => method === "restart").map(({ at }) => at);

async function untilExits(count: number): Promise<void> {
  while (exits().length < count) await rig.advance(100);
}

describe("an instance that crashes again and again", () => {
  it.each([500, 2_000, 30_000])(
    "after %i ms each is started after growing waits, is a crash loop from the fifth crash, and begins anew after a minute of work",
    async (uptimeMs) => {
      rig = await createControlRig({ knobs: { crashAfterMs: uptimeMs } });
      await rig.apply(makeSpec([plain("api")]));
      const states: (string | undefined)[] = [];
      for (let crash = 1; crash <= 8; crash += 1) {
        await untilExits(crash);
        states.push(stateOf("api"));
      }
      await rig.advance(40_000);
      const waits = restarts()
        .slice(0, 8)
        .map((at, index) => at - (exits()[index] ?? 0));
      for (const [index, delayMs] of [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000].entries()) {
        expect(waits[index]).toBeGreaterThanOrEqual(delayMs * 0.8);
        expect(waits[index]).toBeLessThanOrEqual(delayMs * 1.2 + 300);
      }
      expect(states.slice(4)).toEqual(Array(4).fill("crash-loop"));
      expect(states.slice(0, 4)).not.toContain("crash-loop");
      expect(rig.store.incidents.list({ limit: 100 }).length).toBeLessThanOrEqual(uptimeMs === 30_000 ? 8 : 1);
      // It works for longer than the reset time: its next crash is a first one.
      rig.driver.setKnobs({});
      await rig.advance(200_000);
      expect(stateOf("api")).toBe("ready");
      const running = rig.driver.instances("api").find(({ state }) => state === "running");
      rig.driver.crash(running?.handle ?? "");
      await rig.advance(300);
      expect((restarts().at(-1) ?? 0) - (exits().at(-1) ?? 0)).toBeLessThanOrEqual(300);
      expect(rig.running("api")).toEqual([0]);
      expect(rig.store.slots.list()).toMatchObject([{ service: "api", crashes: 1 }]);
      await rig.advance(2_000);
      expect(stateOf("api")).toBe("ready");
    },
    60_000,
  );
});

it("a crash loop that waits its longest is tried at once with a new revision", async () => {
  rig = await createControlRig({ knobs: { crashAfterMs: 2_000 } });
  await rig.apply(makeSpec([plain("api")]));
  await untilExits(8);
  expect(stateOf("api")).toBe("crash-loop");
  expect(rig.store.incidents.list({ limit: 1 })[0]).toMatchObject({ class: "crash-loop", state: "open" });
  rig.driver.setKnobs({});
  const before = rig.clock.now();
  await rig.apply(makeSpec([plain("api", { environment: { FIXED: "1" } })]));
  expect(rig.running("api")).toEqual([0]);
  const started = rig.driver.instances("api").find(({ state }) => state === "running");
  expect((started?.startedAt ?? Infinity) - before).toBeLessThanOrEqual(500);
});

it("an uptime of two minutes begins the count anew each time: it is tried at once, and each crash is told", async () => {
  rig = await createControlRig({ knobs: { crashAfterMs: 120_000 } });
  await rig.apply(makeSpec([plain("api")]));
  await untilExits(4);
  await rig.advance(500);
  const waits = restarts().map((at, index) => at - (exits()[index] ?? 0));
  for (const wait of waits) expect(wait).toBeLessThanOrEqual(300);
  expect(rig.store.incidents.list({ limit: 10 })).toHaveLength(4);
}, 30_000);

describe("a dependency that exits while it starts", () => {
  const CHECK = { command: ["true"], intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 20_000 };
  const dependsOn: ServiceSpec["dependsOn"] = [
    { service: "store", condition: "ready", isRequired: true, restartsWithDependency: false },
  ];
  const never = { ...makeService("x").restart, policy: "never" } as const;

  /** `store` exits after 5 ms in its first `crashes` starts; `api` waits for it. */
  async function start(crashes: number, store: Partial<ServiceSpec>): Promise<void> {
    rig = await createControlRig({
      knobs: ({ service }, _ordinal, count) =>
        service === "store" && count <= crashes ? { crashAfterMs: 5, exitCode: 3, output: ["not yet"] } : {},
    });
    await rig.apply(
      makeSpec([makeService("store", { ports: [], healthcheck: CHECK, ...store }), plain("api", { dependsOn })]),
    );
  }

  const shown = (): ReadonlySet<string> =>
    new Set([...rig.eventsNamed("service-state"), ...rig.eventsNamed("instance-state")].map(({ state }) => state));

  it("and recovers within a start period that the manifest states is no failure, of it or of what waits", async () => {
    await start(3, { healthcheck: { ...CHECK, isStartPeriodStated: true } });
    expect(shown()).toEqual(new Set(["pending", "starting", "ready"]));
    expect(rig.eventsNamed("instance-exited")).toHaveLength(3);
    expect([stateOf("store"), stateOf("api")]).toEqual(["ready", "ready"]);
    expect(rig.eventsNamed("revision-failed")).toEqual([]);
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
  });

  it("says meanwhile why it still starts, also after a restart of control", async () => {
    await start(4, { healthcheck: { ...CHECK, isStartPeriodStated: true } });
    for (let count = 0; count < 2; count += 1) {
      const [store, api] = appStatus(rig.control.context).services;
      expect(store).toMatchObject({ state: "starting" });
      expect(store?.reason).toContain("store/0 exited with code 3; crash 4 in a row");
      expect(api).toMatchObject({ state: "pending", reason: "waits for store to be ready (it is starting)" });
      if (count === 0) rig = await rig.restartControl();
      await rig.advance(300);
    }
  });

  it("without a stated start period fails at once, and with it those that wait", async () => {
    await start(1, {});
    expect(shown()).toContain("failed");
    expect(rig.eventsNamed("revision-failed")).toHaveLength(1);
    expect(rig.store.incidents.list({ limit: 5 })).toMatchObject([{ class: "start-failed" }]);
  });

  it("for good is a failure: at once when it is never restarted, else as a crash loop", async () => {
    const healthcheck = { ...CHECK, isStartPeriodStated: true } as const;
    await start(100, { healthcheck, restart: never });
    expect([stateOf("store"), stateOf("api")]).toEqual(["unhealthy", "failed"]);
    await rig.dispose();
    await start(100, { healthcheck });
    expect([stateOf("store"), stateOf("api")]).toEqual(["starting", "pending"]);
    await rig.advance(6_000);
    expect([stateOf("store"), stateOf("api")]).toEqual(["crash-loop", "failed"]);
    expect(rig.store.incidents.list({ limit: 5 })).toMatchObject([{ class: "crash-loop" }]);
  });

  it("after its start period, or after it was ready, is a failure", async () => {
    await start(2, { healthcheck: { ...CHECK, startPeriodMs: 300, isStartPeriodStated: true } });
    expect(rig.store.incidents.list({ limit: 5 })).toMatchObject([{ class: "start-failed" }]);
    await rig.dispose();
    await start(0, { healthcheck: { ...CHECK, isStartPeriodStated: true } });
    rig.driver.crash(rig.driver.instances("store")[0]?.handle ?? "");
    await rig.advance(300);
    expect(rig.store.incidents.list({ limit: 5 })).toMatchObject([{ class: "process-exit" }]);
  });
});
