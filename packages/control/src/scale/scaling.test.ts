// Services that follow their load, through the whole loop on a fake driver and a fake clock.
import type { PoolLoad, ScaleSpec, ServiceSpec } from "@flyball/core";
import { writeExposition } from "@flyball/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { pause, resume, scale } from "../api/commands.ts";
import { appStatus } from "../api/status.ts";
import { enqueue } from "../create-control.ts";
import { extendOverride } from "../desired/override-book.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { followManifest } from "./follow-manifest.ts";
import { scaleFamilies } from "./scale-metrics.ts";

const POLICY: ScaleSpec = { min: 1, max: 5, target: 0.75, windowMs: 5_000, downAfterMs: 30_000 };
const MINUTE_MS = 60_000;
let rig: ControlRig;
afterEach(async () => rig.dispose());

/** A service whose check is a command, which a fake instance answers. */
function scaled(change: Partial<ServiceSpec> = {}): ServiceSpec {
  const pace = { intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };
  const healthcheck = { command: ["check"], ...pace };
  return makeService("api", { concurrency: 4, scale: POLICY, replicas: 1, healthcheck, ...change });
}

/** The gateway says every second how loaded the pool is, for so long. */
async function underLoad(load: number, durationMs: number, change: Partial<PoolLoad> = {}): Promise<void> {
  const { state } = rig.control.context;
  for (let passedMs = 0; passedMs < durationMs; passedMs += 1_000) {
    const serving = state.table.of("api").filter(({ phase }) => phase === "ready").length;
    const now = rig.clock.now();
    const capacity = 4 * serving;
    const common = { kind: "pool-load", pool: "api", gateway: 1, from: now - 1_000, to: now } as const;
    const seen = {
      inFlight: load,
      load,
      queued: 0,
      waiting: 0,
      backlog: 0,
      backlogMs: 0,
      arrived: load * 10,
      refused: 0,
    };
    enqueue(state.inbox.signals, { ...common, ...seen, capacity, serving, ...change });
    rig.control.context.wake();
    await rig.advance(1_000);
  }
}

/** Ten seconds before the override would run out. */
function endSoon(): void {
  const [override] = overrides();
  if (override !== undefined) extendOverride(rig.control.context, override, rig.clock.now() + 10_000);
}

const overrides = () => rig.control.context.state.overrides;
const desired = () => rig.control.context.effective()?.spec.services["api"]?.replicas;
const status = () => appStatus(rig.control.context).services[0]?.scale;

describe("a service that follows its load", () => {
  it("grows at once by an override with reason, evidence and end, and gives it back slowly", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(8, 8_000);
    expect(rig.running("api")).toEqual([0, 1, 2]);
    const [override] = overrides();
    expect(override).toMatchObject({
      field: "services.api.replicas",
      value: 3,
      actor: "scaling",
      againstRevision: 1,
      evidence: { rule: "panic", wanted: 3, weightedAverageLoad: 2, coldStartMs: expect.any(Number) },
    });
    expect(override?.reason).toBe("load 2.00, target 0.75: 3 needed, more than twice as many as there are");
    expect(override?.expiresAt).toBeGreaterThan(rig.clock.now() + 50 * MINUTE_MS);
    expect(status()).toMatchObject({ by: "load", wanted: 3, min: 1, max: 5 });
    await underLoad(0.5, 25_000);
    expect(desired()).toBe(3);
    await underLoad(0.5, 30_000);
    expect(overrides()).toEqual([]);
    expect(rig.running("api")).toEqual([0]);
    expect(rig.eventsNamed("override-dropped").at(-1)?.reason).toContain("the others were not needed for 30 s");
    expect(rig.store.incidents.list({ limit: 5 })).toEqual([]);
  });

  it("goes into its bounds when these are moved, and gives everything back when it is scaled no more", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(14, 8_000);
    expect(desired()).toBe(5);
    await rig.apply(makeSpec([scaled({ scale: { ...POLICY, max: 4 } })]));
    expect(desired()).toBe(4);
    const { scale: _scale, ...unscaled } = scaled();
    await rig.apply(makeSpec([unscaled]));
    expect(overrides()).toEqual([]);
    expect(desired()).toBe(1);
    expect(rig.eventsNamed("override-dropped").at(-1)?.reason).toBe("the service is not scaled any more");
  });

  it("does nothing without a word of a gateway, and nothing for one that says nonsense", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await rig.advance(MINUTE_MS);
    expect(status()).toMatchObject({ by: "no-evidence" });
    await underLoad(100, 10_000, { load: Number.NaN });
    expect(desired()).toBe(1);
    for (let second = 0; second < 8; second += 1) {
      await underLoad(8, 500);
      await underLoad(0, 500, { gateway: 2, backlog: -1_000 });
    }
    expect(desired()).toBe(3);
  });

  it("adds up the loads of two gateways, and forgets one that fell silent", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled({ scale: { ...POLICY, max: 9 } })]));
    const { state } = rig.control.context;
    for (let second = 0; second < 10; second += 1) {
      const now = rig.clock.now();
      const half = { inFlight: 4, load: 4, queued: 0, waiting: 0, backlog: 0, backlogMs: 0, arrived: 40, refused: 0 };
      const word = { kind: "pool-load", pool: "api", gateway: 2, from: now, to: now, ...half } as const;
      enqueue(state.inbox.signals, { ...word, capacity: 4, serving: 1 });
      await underLoad(4, 1_000);
    }
    expect(desired()).toBe(3);
    await underLoad(4, 50_000);
    expect(desired()).toBe(2);
  });

  it("lets its override run out without evidence, and renews it with some", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(8, 8_000);
    endSoon();
    await underLoad(8, 3_000);
    await rig.advance(15_000);
    expect(desired()).toBe(3);
    endSoon();
    await rig.advance(15_000);
    expect(desired()).toBe(1);
    expect(rig.eventsNamed("override-dropped").at(-1)?.reason).toBe("its time is over");
  });

  it("takes nothing away after a restart of control before it has seen a whole window again", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(8, 8_000);
    await underLoad(0.5, 20_000);
    rig = await rig.restartControl();
    await underLoad(0.5, 25_000);
    expect(desired()).toBe(3);
    await underLoad(0.5, 20_000);
    expect(desired()).toBe(1);
  });

  it("wants no more than there is room for, and says so", async () => {
    rig = await createControlRig({ machine: { cpus: 2 } });
    const resources = { limits: {}, reservations: { cpus: 1 } };
    await rig.apply(makeSpec([scaled({ resources })]));
    await underLoad(14, 8_000);
    expect(desired()).toBe(2);
    expect(overrides()[0]?.reason).toContain("; the machine has no room for more");
    await underLoad(14, 8_000);
    expect(desired()).toBe(2);
    expect(status()).toMatchObject({ limitedBy: "room", wanted: 5 });
    expect(appStatus(rig.control.context).services[0]?.state).toBe("ready");
  });
});

describe("what a person has set", () => {
  it("stands until it ends, whatever the load", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    scale(rig.control.context, { service: "api", replicas: 2, actor: "mia", forMs: 20_000 });
    await underLoad(14, 15_000);
    expect(rig.running("api")).toEqual([0, 1]);
    expect(status()).toMatchObject({ by: "set" });
    await underLoad(14, 10_000);
    expect(desired()).toBe(5);
    expect(overrides()).toMatchObject([{ actor: "scaling" }]);
  });

  it("is taken back by asking for the load again", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    scale(rig.control.context, { service: "api", replicas: 2, actor: "mia" });
    await underLoad(14, 10_000);
    expect(desired()).toBe(2);
    expect(followManifest(rig.control.context, { service: "api", actor: "mia" })).toEqual({ removed: 1 });
    await underLoad(14, 3_000);
    expect(desired()).toBe(5);
    expect(followManifest(rig.control.context, { service: "api", actor: "mia" })).toEqual({ removed: 0 });
  });

  it("replaces what scaling has set", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(8, 8_000);
    scale(rig.control.context, { service: "api", replicas: 1, actor: "mia" });
    await underLoad(8, 8_000);
    expect(overrides()).toMatchObject([{ actor: "mia", value: 1 }]);
  });
});

describe("a pause", () => {
  it("freezes the number of instances both ways, also past the end of the override", async () => {
    rig = await createControlRig();
    await rig.apply(makeSpec([scaled()]));
    await underLoad(8, 8_000);
    pause(rig.control.context, { actor: "mia", reason: "measuring", service: "api" });
    await underLoad(18, 8_000);
    endSoon();
    await underLoad(0, 45_000);
    expect(desired()).toBe(3);
    expect(status()).toMatchObject({ by: "paused" });
    resume(rig.control.context, { actor: "mia", service: "api" });
    await underLoad(0, 12_000);
    expect(desired()).toBe(1);
  });
});

it("counts its changes and flaps, for /metrics", async () => {
  rig = await createControlRig();
  await rig.apply(makeSpec([scaled({ scale: { ...POLICY, downAfterMs: 10_000 } })]));
  await underLoad(8, 8_000);
  await underLoad(0.5, 40_000);
  await underLoad(8, 8_000);
  expect(status()).toMatchObject({ flaps: 1 });
  const text = writeExposition(scaleFamilies(rig.control.context));
  expect(text).toContain('flyball_desired_replicas{service="api"} 3');
  expect(text).toContain('flyball_ready_replicas{service="api"} 3');
  expect(text).toContain('flyball_wanted_replicas{service="api"} 3');
  expect(text).toContain('flyball_scale_flaps_total{service="api"} 1');
});
