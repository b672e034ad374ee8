// The ladder with its guards in a small world of services, whatever happens there: what must never be, never is.
import { HEALING_RUNGS, INCIDENT_CLASSES, type HealingRung, type Incident, type IncidentAction } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COOL_DOWN_MS } from "./guards/cooled-down.ts";
import { judge } from "./guards/judge.ts";
import { nextStep, type NextStep } from "./ladder.ts";
import { LADDERS, timeToHelpMs } from "./ladder-table.ts";
import { isDestructive, type DoneAction, type Situation, type Verdict } from "./situation.ts";

const START_MS = 10_000;

function makeIncident(changes: Partial<Incident> = {}): Incident {
  return {
    id: "inc",
    number: 7,
    class: "failed-requests",
    subject: { service: "api", ordinal: 0, handle: "h" },
    revision: 1,
    began: { lastGood: 0, firstBad: 0, source: "evidence" },
    detectedAt: 0,
    goodWindowMs: 10_000,
    state: "open",
    summary: "requests fail at api/0",
    evidence: [{ at: 0, source: "gateway", text: "4 of 4 attempts failed" }],
    actions: [],
    ...changes,
  };
}

const OK = (): Verdict => ({ kind: "ok" });
const step = (incident: Incident, now: number, verdict: (rung: string) => Verdict = OK, since = 0): NextStep =>
  nextStep(incident, { rungs: LADDERS[incident.class], now, since, startMs: START_MS, judge: verdict });
const did = (rung: IncidentAction["rung"], at: number, isAdvice = false): IncidentAction => ({
  at,
  action: rung ?? "",
  reason: "",
  ...(rung === undefined ? {} : { rung }),
  ...(isAdvice ? { isAdvice } : {}),
});

describe("the next step", () => {
  it("is the first rung, says why and what follows", () => {
    expect(step(makeIncident(), 0)).toMatchObject({
      kind: "step",
      rung: "eject",
      next: "restart",
      evidence: "4 of 4 attempts failed",
    });
  });

  it("waits while the last rung has time to help, then climbs", () => {
    const incident = makeIncident({ actions: [did("eject", 0)] });
    expect(step(incident, 29_999)).toMatchObject({ kind: "wait", until: 30_000 });
    expect(step(incident, 30_000)).toMatchObject({ kind: "step", rung: "restart" });
    const restarted = makeIncident({ actions: [did("eject", 0), did("restart", 30_000)] });
    expect(step(restarted, 69_999)).toMatchObject({ kind: "wait", until: 70_000 });
    expect(step(restarted, 70_000)).toMatchObject({ kind: "step", rung: "replace" });
  });

  it("does nothing while the place is good again and its window is not over", () => {
    expect(step(makeIncident({ state: "recovering" }), 1e9).kind).toBe("wait");
  });

  it("is asking a person in the end, once", () => {
    const actions = [did("eject", 0), did("restart", 1), did("replace", 2), did("roll-back", 3)];
    expect(step(makeIncident({ actions }), 1e7)).toMatchObject({ kind: "step", rung: "ask" });
    expect(step(makeIncident({ actions: [...actions, did("ask", 1e7)] }), 1e9).kind).toBe("wait");
  });

  it("advises what is forbidden, and goes on when a person had the time for it", () => {
    const verdict = (rung: string): Verdict =>
      rung === "restart" ? { kind: "forbidden", reason: { key: "verbatim", values: { text: "no" } } } : OK();
    const incident = makeIncident({ actions: [did("eject", 0)] });
    expect(step(incident, 30_000, verdict)).toMatchObject({ kind: "advice", rung: "restart", next: "replace" });
    const advised = makeIncident({ actions: [did("eject", 0), did("restart", 30_000, true)] });
    expect(step(advised, 69_999, verdict).kind).toBe("wait");
    expect(step(advised, 70_000, verdict)).toMatchObject({ kind: "step", rung: "replace" });
  });

  it("advises once while people wish nothing to be done, and does it when the wish ends", () => {
    const paused = (): Verdict => ({ kind: "advise", reason: { key: "verbatim", values: { text: "paused" } } });
    expect(step(makeIncident({ class: "bad-release" }), 5, paused)).toMatchObject({
      kind: "advice",
      rung: "roll-back",
    });
    const advised = makeIncident({ class: "bad-release", actions: [did("roll-back", 5, true)] });
    expect(step(advised, 1e9, paused).kind).toBe("wait");
    expect(step(advised, 1e9)).toMatchObject({ kind: "step", rung: "roll-back" });
  });

  it("passes over what circumstances hold back for longer than it would have had to help, and does not come back to it", () => {
    const busy = (rung: string): Verdict =>
      rung === "restart" ? { kind: "wait", reason: { key: "verbatim", values: { text: "busy" } } } : OK();
    const incident = makeIncident({ actions: [did("eject", 0)] });
    expect(step(incident, 69_999, busy).kind).toBe("wait");
    expect(step(incident, 70_000, busy)).toMatchObject({ kind: "step", rung: "replace" });
    const replaced = makeIncident({ actions: [did("eject", 0), did("replace", 70_000)] });
    expect(step(replaced, 70_001)).toMatchObject({ kind: "wait", until: 110_000 });
    expect(step(replaced, 110_000)).toMatchObject({ kind: "step", rung: "roll-back" });
  });

  it("begins anew with another cause: what was done before a new revision counts for nothing", () => {
    const incident = makeIncident({ actions: [did("eject", 0), did("restart", 30_000), did("ask", 80_000)] });
    expect(step(incident, 100_000, OK, 90_000)).toMatchObject({ kind: "step", rung: "eject" });
  });
});

/** A world of one service with incidents, each climbing on its own; nothing that is done ever helps, which is the worst for the guards. */
interface World {
  readonly replicas: number;
  readonly classes: readonly Incident["class"][];
  readonly allowed: readonly HealingRung[];
  readonly mostPerHour: number;
  readonly isStopFirst: boolean;
  readonly pausedUntil: number;
  readonly windowUntil: number;
  readonly areServing: readonly boolean[];
  readonly stepMs: number;
  /** After this long an incident ends and the next one begins at the same place. */
  readonly renewMs: number;
}

const worlds: fc.Arbitrary<World> = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  classes: fc.array(fc.constantFrom(...INCIDENT_CLASSES), { minLength: 1, maxLength: 5 }),
  allowed: fc.uniqueArray(fc.constantFrom(...HEALING_RUNGS), { maxLength: 6 }),
  mostPerHour: fc.integer({ min: 0, max: 6 }),
  isStopFirst: fc.boolean(),
  pausedUntil: fc.constantFrom(0, 0, 400_000),
  windowUntil: fc.constantFrom(0, 0, 300_000),
  areServing: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  stepMs: fc.integer({ min: 2_000, max: 20_000 }),
  renewMs: fc.constantFrom(30_000, 90_000, Infinity),
});

interface Taken extends DoneAction {
  readonly isTakingAway: boolean;
  readonly othersServing: number;
}

/** Climbs for four hours; answers what was taken, and the incidents. */
function climb(world: World): { readonly taken: readonly Taken[]; readonly incidents: readonly Incident[] } {
  const incidents = world.classes
    .slice(0, world.replicas)
    .map((kind, ordinal) => makeIncident({ class: kind, subject: { service: "api", ordinal } }));
  const taken: Taken[] = [];
  /** Until when the place has no instance that serves, because of what was done. */
  const awayUntil = new Map<number, number>();
  let underWayUntil = 0;
  for (let now = 0; now < 4 * 3_600_000; now += world.stepMs) {
    const isServing = (ordinal: number): boolean =>
      (world.areServing[ordinal] ?? true) && now >= (awayUntil.get(ordinal) ?? 0);
    const serving = Array.from({ length: world.replicas }, (_, ordinal) => ordinal).filter(isServing);
    for (const [index, known] of incidents.entries()) {
      const isOver = now - known.detectedAt >= world.renewMs;
      const incident = isOver ? { ...known, detectedAt: now, actions: [] } : known;
      incidents[index] = incident;
      const ordinal = incident.subject.ordinal ?? 0;
      const count = serving.filter(isServing).length;
      const situation = (rung: Situation["rung"]): Situation => ({
        now,
        rung,
        service: "api",
        ordinal,
        kind: "service",
        allowed: new Set(world.allowed),
        isPaused: now < world.pausedUntil,
        ...(now < world.windowUntil ? { windowEndsAt: world.windowUntil } : {}),
        replicas: world.replicas,
        serving: count,
        hasVictim: true,
        isVictimServing: isServing(ordinal),
        isVictimUnhealthy: false,
        isStopFirst: world.isStopFirst,
        isActionUnderWay: now < underWayUntil,
        done: taken,
        mostPerHour: world.mostPerHour,
        isMassLoss: false,
        canMove: true,
        canScale: true,
        rollBackTo: 1,
      });
      const rungs = LADDERS[incident.class];
      const next = nextStep(incident, {
        rungs,
        now,
        since: 0,
        startMs: START_MS,
        judge: (rung) => judge(situation(rung)),
      });
      if (next.kind === "wait") continue;
      const { rung } = next;
      const action = did(rung, now, next.kind === "advice");
      incidents[index] = { ...incident, actions: [...incident.actions, action] };
      if (next.kind === "advice") continue;
      const isTakingAway =
        rung === "eject" || rung === "restart" || ((rung === "replace" || rung === "move") && world.isStopFirst);
      const othersServing = serving.filter((other) => other !== ordinal && isServing(other)).length;
      taken.push({
        at: now,
        service: "api",
        ordinal,
        rung,
        isTakingAway: isTakingAway && isServing(ordinal),
        othersServing,
      });
      if (isTakingAway) awayUntil.set(ordinal, now + START_MS);
      if (isDestructive(rung)) underWayUntil = now + START_MS;
    }
  }
  return { taken, incidents };
}

describe("guards and ladder together, where nothing that is done ever helps", () => {
  const check = (property: (world: World, result: ReturnType<typeof climb>) => void): void =>
    fc.assert(
      fc.property(worlds, (world) => property(world, climb(world))),
      { numRuns: 40 },
    );

  it("never have two destructive actions of a service under way at once", () => {
    check((_world, { taken }) => {
      const destructive = taken.filter(({ rung }) => isDestructive(rung));
      for (const [index, one] of destructive.entries()) {
        const before = destructive[index - 1];
        if (before !== undefined) expect(one.at - before.at).toBeGreaterThanOrEqual(START_MS);
      }
    });
  });

  it("never go below N − 1 serving of N, nor below one, unless the victim served nobody", () => {
    check(({ replicas }, { taken }) => {
      for (const { isTakingAway, othersServing } of taken)
        if (isTakingAway) expect(othersServing).toBeGreaterThanOrEqual(Math.max(1, replicas - 1));
    });
  });

  it("hold the cap of any hour, ejections and questions aside", () => {
    check(({ mostPerHour }, { taken }) => {
      const counted = taken.filter(({ rung }) => rung !== "eject" && rung !== "ask");
      for (const { at } of counted) {
        const inTheHour = counted.filter((other) => other.at > at - 3_600_000 && other.at <= at);
        expect(inTheHour.length).toBeLessThanOrEqual(mostPerHour);
      }
    });
  });

  it("repeat no rung at a place within its cool-down", () => {
    check((_world, { taken }) => {
      const lastAt = new Map<string, number>();
      for (const { rung, ordinal, at } of taken) {
        const key = `${rung} ${ordinal ?? ""}`;
        expect(at - (lastAt.get(key) ?? -Infinity)).toBeGreaterThanOrEqual(COOL_DOWN_MS[rung]);
        lastAt.set(key, at);
      }
    });
  });

  it("do without asking only what the manifest allows, and nothing but ejection in a pause or a maintenance window", () => {
    check(({ allowed, pausedUntil, windowUntil }, { taken }) => {
      for (const { rung, at } of taken) {
        if (rung === "ask") continue;
        expect(allowed).toContain(rung);
        if (rung !== "eject") expect(at).toBeGreaterThanOrEqual(Math.max(pausedUntil, windowUntil));
      }
    });
  });

  it("always end in asking a person", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { incidents } = climb({ ...world, mostPerHour: 1_000, renewMs: Infinity });
        for (const { actions } of incidents) expect(actions.at(-1)?.rung).toBe("ask");
      }),
      { numRuns: 40 },
    );
  });
});

it("each ladder ends with asking, names each rung once, and gives each but the last time to help", () => {
  for (const rungs of Object.values(LADDERS)) {
    const names = rungs.map(({ rung }) => rung);
    expect(names.at(-1)).toBe("ask");
    expect(new Set(names).size).toBe(names.length);
    for (const rung of rungs.slice(0, -1)) expect(timeToHelpMs(rung, 0)).toBeGreaterThan(0);
  }
});
