import { describe, expect, it } from "vitest";
import { instanceFrom, type Instance, type InstancePhase } from "../observe/instance.ts";
import { createSlot } from "../observe/slot.ts";
import { makeService } from "../testing/make-spec.ts";
import { verbatim } from "../texts/compose-text.ts";
import { nextActions, type DrainRules } from "./next-actions.ts";
import type { ServiceView } from "./service-view.ts";

const rules: DrainRules = {
  drainLimitMs: 30_000,
  isGatewayConnected: true,
  poolsOf: (service) => [service],
  isHeld: () => false,
};

function instance(ordinal: number, phase: InstancePhase, specHash = "new"): Instance {
  const observation = {
    handle: `api/${ordinal}#${specHash}`,
    service: "api",
    ordinal,
    specHash,
    revision: 1,
    startedAt: ordinal,
    addresses: {},
  };
  const made = instanceFrom({ ...observation, state: phase === "exited" ? "exited" : "running" });
  made.phase = phase;
  if (phase === "draining") made.drainSince = 0;
  return made;
}

function view(instances: readonly Instance[], overrides: Partial<ServiceView> = {}, replicas = 2): ServiceView {
  return {
    service: "api",
    spec: makeService("api", { replicas }),
    desiredHash: "new",
    isStopFirst: false,
    instances,
    slots: [],
    isPaused: false,
    isStarting: false,
    gate: { kind: "open" },
    ...overrides,
  };
}

const kinds = (actions: ReturnType<typeof nextActions>): string[] =>
  actions.map((action) =>
    "handle" in action ? `${action.kind} ${action.handle}` : `${action.kind} ${action.service} ${action.replicas}`,
  );

describe("next actions of a service", () => {
  it("starts what is missing, all at once when nothing runs", () => {
    expect(kinds(nextActions(view([]), 0, rules))).toEqual(["apply api 2"]);
  });

  it("does nothing when all is well, also when it is asked a hundred times", () => {
    const settled = view([instance(0, "ready"), instance(1, "ready")]);
    for (let round = 0; round < 100; round += 1) expect(nextActions(settled, round, rules)).toEqual([]);
  });

  it("starts nothing while a dependency is awaited, and one thing at a time", () => {
    expect(nextActions(view([], { gate: { kind: "waiting", reason: verbatim("x") } }), 0, rules)).toEqual([]);
    expect(nextActions(view([], { isStarting: true }), 0, rules)).toEqual([]);
    expect(nextActions(view([], { startRetryAt: 10 }), 9, rules)).toEqual([]);
    expect(kinds(nextActions(view([], { startRetryAt: 10 }), 10, rules))).toEqual(["apply api 2"]);
  });

  it("replaces start-first: half of the replicas start beside the old ones, none is retired before a new one is ready", () => {
    const old = [instance(0, "ready", "old"), instance(1, "ready", "old")];
    expect(kinds(nextActions(view(old), 0, rules))).toEqual(["apply api 1"]);
    expect(kinds(nextActions(view([...old, instance(2, "starting")]), 0, rules))).toEqual([]);
    expect(kinds(nextActions(view([...old, instance(2, "ready")]), 0, rules))).toEqual([
      "apply api 2",
      "drain api/0#old",
    ]);
  });

  it("keeps the old instances for ever when the new ones never become ready", () => {
    const failing = view([instance(0, "ready", "old"), instance(1, "ready", "old"), instance(2, "unhealthy")]);
    expect(kinds(nextActions(failing, 0, rules)).filter((action) => action.startsWith("drain"))).toEqual([]);
  });

  it("stops a draining instance when the gateway says that it is idle, or when the time is over", () => {
    const draining = instance(0, "draining", "old");
    const current = [instance(1, "ready"), instance(2, "ready")];
    expect(nextActions(view([draining, ...current]), 29_999, rules)).toEqual([]);
    expect(kinds(nextActions(view([draining, ...current]), 30_000, rules))).toEqual(["stop api/0#old"]);
    draining.idlePools.add("api");
    expect(kinds(nextActions(view([draining, ...current]), 1, rules))).toEqual(["stop api/0#old"]);
  });

  it("never doubles a stateful service: the old one ends before the new one starts", () => {
    const spec = makeService("api", { kind: "stateful" });
    const old = instance(0, "ready", "old");
    expect(kinds(nextActions(view([old], { spec, isStopFirst: true }), 0, rules))).toEqual(["drain api/0#old"]);
    old.phase = "draining";
    old.drainSince = 0;
    expect(nextActions(view([old], { spec, isStopFirst: true }), 0, rules)).toEqual([]);
    expect(kinds(nextActions(view([], { spec, isStopFirst: true }), 0, rules))).toEqual(["apply api 1"]);
  });

  it("does not fill the place of a crashed instance before its wait is over, and then restarts that one", () => {
    const crashed = instance(0, "exited");
    const slot = { ...createSlot("api", 0), handle: crashed.handle, restartAt: 100 };
    const waiting = view([crashed, instance(1, "ready")], { slots: [slot] });
    expect(nextActions(waiting, 99, rules)).toEqual([]);
    expect(kinds(nextActions(waiting, 100, rules))).toEqual([`restart ${crashed.handle}`]);
    expect(nextActions({ ...waiting, isPaused: true }, 100, rules)).toEqual([]);
  });

  it("retires the least useful instances when it is scaled down", () => {
    const all = [instance(0, "ready"), instance(1, "starting"), instance(2, "ready")];
    expect(kinds(nextActions(view(all, {}, 1), 0, rules))).toEqual(["drain api/1#new", "drain api/2#new"]);
  });

  it("drains everything of a service that is not in the revision", () => {
    const { spec: _spec, desiredHash: _hash, ...gone } = view([instance(0, "ready"), instance(1, "exited")]);
    expect(kinds(nextActions(gone, 0, rules))).toEqual(["forget api/1#new", "drain api/0#new"]);
  });
});

describe("next actions of a job", () => {
  const spec = makeService("api", { kind: "job", ports: [], replicas: 1 });

  it("runs once, and not again once it is complete or has failed", () => {
    expect(kinds(nextActions(view([], { spec }), 0, rules))).toEqual(["apply api 1"]);
    const run = { service: "api", key: "1" };
    for (const state of ["running", "completed", "failed"] as const) {
      expect(nextActions(view([], { spec, jobRun: { ...run, state } }), 0, rules)).toEqual([]);
    }
  });

  it("stops the run of an earlier revision before it runs again", () => {
    expect(kinds(nextActions(view([instance(0, "starting", "old")], { spec }), 0, rules))).toEqual(["stop api/0#old"]);
  });
});
