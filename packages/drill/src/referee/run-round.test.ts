// The bounds of a run: what is not fit to measure is not touched, and no fault costs more than it may.
import type { Incident } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { chooseVictim } from "./choose-victim.ts";
import { drill, ERRORS, statusOf } from "./testdata/drilled-app.ts";

describe("a run", () => {
  it("makes its fault, takes it back, and is measured", async () => {
    const { run, made, undone } = await drill({ fault: ERRORS });
    expect([made, undone, run.outcome.kind]).toEqual([1, 1, "measured"]);
    expect(run.requests.some(({ status }) => status === 500)).toBe(true);
    expect(run.undoneAt).toBeGreaterThan(run.injectedAt ?? Infinity);
  });

  it("without a fault touches nobody, and has a moment all the same", async () => {
    const { run, made } = await drill({});
    expect([made, run.outcome.kind, run.fault]).toEqual([0, "measured", undefined]);
    expect(run.injectedAt).toBeGreaterThan(run.loadFrom);
  });

  it("is stopped when more requests fail than may: the fault is taken back at once", async () => {
    const { run, undone } = await drill({ fault: ERRORS, limits: { mostFailed: 5, patienceMs: 60_000 } });
    expect(run.outcome).toMatchObject({ kind: "stopped", reason: { code: "too-many-failed" } });
    expect(undone).toBe(1);
    expect(run.requests.filter(({ status }) => status === 500).length).toBeGreaterThan(5);
  });

  it("is void when the referee itself was late, or others took the processors: nothing is injected", async () => {
    const late = await drill({ fault: ERRORS, limits: { lagMs: -1 } });
    expect(late.run.outcome).toMatchObject({ kind: "void", reason: { code: "late", limitMs: -1 } });
    const stolen = await drill({ fault: ERRORS, limits: { stealShare: -1 } });
    expect(stolen.run.outcome).toMatchObject({ kind: "void", reason: { code: "stolen" } });
    expect([late.made, stolen.made]).toEqual([0, 0]);
    expect(late.run.injectedAt).toBeUndefined();
  });

  it("injects nothing where the app is not well before: failing requests, an open incident", async () => {
    const ill = await drill({ fault: ERRORS, isIll: true });
    expect(ill.run.outcome).toMatchObject({
      kind: "unhealthy",
      reason: { code: "failing", example: { name: "web GET /", status: 500 } },
    });
    const open = { id: "inc_1", number: 7, state: "open", summary: "web/0 is frozen" } as Incident;
    const busy = await drill({ fault: ERRORS, incidents: [open], limits: { patienceMs: 1 } });
    expect(busy.run.outcome).toMatchObject({ kind: "unhealthy", reason: { code: "incident-open", number: 7 } });
    expect([ill.made, busy.made]).toEqual([0, 0]);
  });

  it("injects nothing where the others could not carry the load", async () => {
    const { run, made } = await drill({ fault: ERRORS, load: 0.5 });
    expect(run.outcome).toEqual({ kind: "skipped", reason: { code: "too-loaded", service: "web", percent: 100 } });
    expect(made).toBe(0);
  });

  it("injects nothing where nothing here makes the fault", async () => {
    const { run } = await drill({ fault: { ...ERRORS, injection: { kind: "pressure", resource: "cpu" } } });
    expect(run.outcome).toEqual({
      kind: "skipped",
      reason: { code: "cannot-inject", why: { code: "no-injector", kind: "pressure" } },
    });
  });
});

describe("the blast radius", () => {
  const facts = { service: "web", hasHttp: true, servesModel: false, isStateful: false, hasDependants: false };
  const choose = (load: number) =>
    chooseVictim(ERRORS, statusOf(load), { facts: [{ ...facts, hasProxy: false }], random: () => 0 });

  it("is one instance, and only where the rest stays below 85 % of what it can do", () => {
    expect(choose(0.42)).toMatchObject({ service: "web", instances: [{ ordinal: 0 }] });
    expect(choose(0.43)).toMatchObject({ reason: { code: "too-loaded", percent: 86 } });
  });

  it("leaves out services with one instance, with state, or without what the fault needs", () => {
    const none = { reason: { code: "no-victim", victim: "instance", needs: ["two-replicas"] } };
    const random = (): number => 0;
    const stateful = { ...facts, hasProxy: false, isStateful: true };
    expect(chooseVictim(ERRORS, statusOf(0), { facts: [stateful], random })).toEqual(none);
    const proxied = { victim: "instance", needs: ["proxy"] } as const;
    expect(chooseVictim(proxied, statusOf(0), { facts: [{ ...facts, hasProxy: false }], random })).toMatchObject({
      reason: { code: "no-victim" },
    });
  });
});
