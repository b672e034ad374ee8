// Healing on the whole loop, on a fake clock: what is done about a fault, what is not, and in which order.
import type { AttemptOutcome, HealingSpec, Incident, RequestEvidence, ServiceSpec } from "@flyball/core";
import type { FakeCommandResult } from "@flyball/drivers";
import { afterEach, describe, expect, it } from "vitest";
import { pause, resume } from "../api/commands.ts";
import { enqueue } from "../create-control.ts";
import { applyRevision } from "../desired/apply-revision.ts";
import { doubtOneself } from "../detect/doubt-oneself.ts";
import { endpointId, type Instance } from "../observe/instance.ts";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";

let rig: ControlRig;
/** What a check of each service answers now; `silent`: nothing in time. */
let answers: Record<string, "good" | "bad" | "silent">;

const RESULTS: Readonly<Record<string, FakeCommandResult>> = {
  good: { code: 0, output: "", delayMs: 0 },
  bad: { code: 1, output: "database is away", delayMs: 0 },
  silent: { code: 0, output: "", delayMs: 1e9 },
};

afterEach(async () => {
  expect(rig.errors).toEqual([]);
  await rig.dispose();
});

function checked(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const healthcheck = {
    command: ["check", name],
    intervalMs: 1_000,
    timeoutMs: 500,
    retries: 3,
    startPeriodMs: 10_000,
  };
  return makeService(name, { healthcheck, ...overrides });
}

/** Instances whose answers are their own: `api/1` before `api`. */
async function start(
  services: readonly ServiceSpec[],
  options: { readonly healing?: HealingSpec; readonly goodWindowMs?: number } = {},
): Promise<void> {
  answers = {};
  rig = await createControlRig({
    ...(options.goodWindowMs === undefined ? {} : { goodWindowMs: options.goodWindowMs }),
    knobs: ({ service }, ordinal, count) => ({
      runCommand: () =>
        RESULTS[
          answers[`${service}/${ordinal}#${count}`] ?? answers[`${service}/${ordinal}`] ?? answers[service] ?? "good"
        ]!,
    }),
  });
  await rig.apply(makeSpec(services, options.healing === undefined ? {} : { healing: options.healing }));
}

const after = (service: string): Pick<ServiceSpec, "dependsOn"> => ({
  dependsOn: [{ service, condition: "ready", isRequired: true, restartsWithDependency: false }],
});
const open = (): readonly Incident[] => rig.control.context.incidents.open();
const all = (): readonly Incident[] => rig.store.incidents.list({ limit: 100 });
const restartsOf = (service: string): number =>
  rig.driver.calls.filter((call) => call.method === "restart" && call.handle?.includes(service) === true).length;
const rungsOf = (incident: Incident | undefined): readonly (string | undefined)[] =>
  (incident?.actions ?? [])
    .filter(({ rung }) => rung !== undefined)
    .map(({ rung, isAdvice }) => (isAdvice === true ? `(${rung})` : rung));

function instanceAt(service: string, ordinal: number): Instance {
  const found = rig.control.context.state.table
    .of(service)
    .find((one) => one.ordinal === ordinal && (one.phase === "ready" || one.phase === "unhealthy"));
  if (found === undefined) throw new Error(`no ${service}/${ordinal}`);
  return found;
}

/** What the gateway saw of an instance in the last 200 ms. */
function tell(
  service: string,
  ordinal: number,
  seen: Partial<RequestEvidence> & { readonly outcome?: AttemptOutcome } = {},
): void {
  const { outcome = "succeeded", ...rest } = seen;
  const now = rig.clock.now();
  const times =
    outcome === "succeeded" ? { lastGoodAt: now } : { firstBadAt: now, lastBadAt: now, lastFailure: "status 500" };
  enqueue(rig.control.context.state.inbox.signals, {
    kind: "requests",
    pool: service,
    endpoint: endpointId(instanceAt(service, ordinal), service),
    from: now - 200,
    to: now,
    outcomes: { [outcome]: 5 },
    inFlight: 0,
    latencySumMs: 50,
    latencyMaxMs: 20,
    ...times,
    ...rest,
  });
}

describe("a dependency that is down", () => {
  it("is one incident with those that suffer from it, and nothing is done to them", async () => {
    await start([checked("store"), checked("api", { replicas: 2, ...after("store") }), checked("web", after("api"))]);
    answers = { store: "bad", api: "bad", web: "bad" };
    await rig.advance(300);
    for (let round = 0; round < 40; round += 1) {
      for (const ordinal of [0, 1]) tell("api", ordinal, { outcome: "server-error" });
      await rig.advance(250);
    }
    expect(open().map(({ subject }) => subject.service)).toEqual(["store"]);
    expect(open()[0]?.dependants?.map(({ service }) => service)).toEqual(["api", "web"]);
    expect(restartsOf("store")).toBeGreaterThan(0);
    expect([restartsOf("api"), restartsOf("web")]).toEqual([0, 0]);
    // It comes back, and with it all that needed it: nobody is blamed afterwards.
    answers = {};
    for (let round = 0; round < 80; round += 1) {
      await rig.advance(250);
      for (const ordinal of [0, 1]) tell("api", ordinal);
    }
    expect(all().filter(({ state }) => state !== "closed")).toMatchObject([{ state: "recovered" }]);
    expect([restartsOf("api"), restartsOf("web")]).toEqual([0, 0]);
  });

  it("that exits takes nobody along, and who waits out a crash is tried at once when it is back", async () => {
    await start([checked("store"), checked("api", after("store"))]);
    const spec = rig.control.context.effective()?.spec.services["api"];
    for (let crash = 0; crash < 4; crash += 1) {
      rig.driver.crash(rig.driver.instances("api").find(({ state }) => state === "running")!.handle);
      await rig.advance(spec!.restart.delayMs * 2 ** crash);
    }
    rig.driver.crash(rig.driver.instances("api").findLast(({ state }) => state === "running")!.handle);
    await rig.advance(300);
    rig.driver.crash(rig.driver.instances("store").findLast(({ state }) => state === "running")!.handle);
    await rig.advance(1_000);
    expect(rig.running("store")).toEqual([0]);
    expect(rig.running("api")).toEqual([0]);
  });
});

describe("requests that fail at one instance", () => {
  it("lead up the ladder one rung at a time, over a restart of control, and end in asking", async () => {
    await start([checked("api", { replicas: 3 })]);
    const fail = async (seconds: number): Promise<void> => {
      for (let tick = 0; tick < seconds * 2; tick += 1) {
        const bad = rig.control.context.state.table.of("api").find((one) => one.phase === "ready" && one.ordinal >= 2);
        if (bad !== undefined) tell("api", bad.ordinal, { outcome: "server-error" });
        for (const ordinal of [0, 1]) tell("api", ordinal);
        await rig.advance(500);
      }
    };
    await fail(2);
    expect(rungsOf(open()[0])).toEqual(["eject"]);
    expect(open()[0]?.actions[0]).toMatchObject({ rung: "eject", next: "restart" });
    expect(rig.published.at(-1)?.pools[0]?.endpoints.filter(({ ejected }) => ejected === true)).toHaveLength(1);
    rig = await rig.restartControl();
    await rig.advance(500);
    expect(rungsOf(open()[0])).toEqual(["eject"]);
    await fail(32);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart"]);
    expect(restartsOf("api")).toBe(1);
    expect(rig.published.at(-1)?.pools[0]?.endpoints.some(({ ejected }) => ejected === true)).toBe(false);
    await fail(45);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart", "replace"]);
    await fail(60);
    expect(rungsOf(open()[0])).toEqual(["eject", "restart", "replace", "(ask)"]);
    await fail(60);
    expect(rungsOf(open()[0])).toHaveLength(4);
    expect(all()).toHaveLength(1);
  }, 30_000);

  it("of all instances are one incident of the service, and none of them is touched", async () => {
    await start([checked("api", { replicas: 3 })]);
    for (let tick = 0; tick < 240; tick += 1) {
      for (const ordinal of [0, 1, 2]) tell("api", ordinal, { outcome: "server-error" });
      await rig.advance(500);
    }
    expect(open()).toMatchObject([{ class: "failed-requests", subject: { service: "api" } }]);
    expect(open()[0]?.subject.ordinal).toBeUndefined();
    expect(restartsOf("api")).toBe(0);
    expect(rungsOf(open()[0])).toEqual(["(ask)"]);
  }, 30_000);

  it("that came with a new revision are healed by the one before it, and the bad one does not come back by itself", async () => {
    const good = checked("api", { replicas: 2 });
    await start([good]);
    const bad = makeSpec([{ ...good, environment: { BAD: "1" } }]);
    await rig.apply(bad);
    await rig.advance(5_000);
    for (let tick = 0; tick < 12 && rig.store.revisions.latest()?.number === 2; tick += 1) {
      for (const { ordinal } of rig.control.context.state.table.of("api").filter(({ phase }) => phase === "ready"))
        tell("api", ordinal, { outcome: "server-error" });
      await rig.advance(500);
    }
    expect(rig.store.revisions.latest()).toMatchObject({ number: 3, author: "healing" });
    expect(rungsOf(open()[0])).toEqual(["roll-back"]);
    expect(open()[0]?.actions[0]?.undo).toBe("flyball rollback --to 2");
    const fromFile = await applyRevision(rig.control.context, { spec: bad, author: "file", reason: "file changed" });
    expect(fromFile).toMatchObject({ isChanged: false, revision: { number: 3 } });
    const fromPerson = await applyRevision(rig.control.context, { spec: bad, author: "me", reason: "up" });
    expect(fromPerson).toMatchObject({ isChanged: true, revision: { number: 4 } });
  });
});

describe("an instance that answers nothing", () => {
  it("leaves the traffic within three seconds, is killed after five, and its incident recovers", async () => {
    await start([checked("api", { replicas: 2 })], { goodWindowMs: 2_000 });
    await rig.advance(3_000);
    rig.driver.setKnobs({});
    const frozenAt = rig.clock.now();
    answers["api/1"] = "silent";
    await rig.advance(3_000);
    expect(rig.published.at(-1)?.pools[0]?.endpoints).toHaveLength(1);
    expect(open()).toMatchObject([{ class: "frozen", subject: { ordinal: 1 } }]);
    await rig.advance(3_000);
    const killed = rig.driver.calls.find(({ method }) => method === "restart");
    expect(killed?.at).toBeLessThanOrEqual(frozenAt + 6_000);
    expect(rungsOf(open()[0])).toEqual(["restart"]);
    await rig.advance(5_000);
    expect(all()).toMatchObject([{ class: "frozen", state: "recovered" }]);
    expect(rig.running("api")).toEqual([0, 1]);
  });

  it("but whose requests move is busy: nothing is done for ten minutes", async () => {
    await start([checked("api")]);
    answers["api"] = "silent";
    for (let tick = 0; tick < 1_200; tick += 1) {
      tell("api", 0, { outcomes: {}, pieces: 10, inFlight: 40 });
      await rig.advance(500);
    }
    expect(all()).toEqual([]);
    expect(restartsOf("api")).toBe(0);
  }, 60_000);

  it("with all the others of its service is started again one at a time", async () => {
    await start([checked("api", { replicas: 3 })]);
    answers["api"] = "silent";
    const waiting: number[] = [];
    for (let tick = 0; tick < 200; tick += 1) {
      await rig.advance(100);
      const moving = rig.control.context.state.table
        .of("api")
        .filter(({ phase }) => phase === "starting" || phase === "stopping");
      waiting.push(moving.length);
    }
    expect(Math.max(...waiting)).toBe(1);
    answers = {};
    await rig.advance(60_000);
    expect(all().every(({ state }) => state === "recovered")).toBe(true);
  }, 30_000);

  it("with more than half of the app is rather a blind observer: a person is told, and nothing is done", async () => {
    await start([checked("a", { replicas: 2 }), checked("b", { replicas: 2 }), checked("c")]);
    await rig.advance(1_000);
    answers = { a: "silent", b: "silent" };
    await rig.advance(60_000);
    expect(open()).toMatchObject([{ class: "mass-loss", dependants: [{ service: "a" }, { service: "b" }] }]);
    expect(rungsOf(open()[0])).toEqual(["(ask)"]);
    expect(rig.driver.calls.filter(({ method }) => method === "restart")).toEqual([]);
    answers = {};
    await rig.advance(5_000);
    expect(all().filter(({ state }) => state !== "closed")).toMatchObject([{ class: "mass-loss", state: "recovered" }]);
  }, 30_000);
});

it("a control that was late itself opens nothing and does nothing for a while", async () => {
  await start([checked("api", { replicas: 2 })]);
  const { context } = rig.control;
  answers["api/1"] = "bad";
  await rig.advance(2_000);
  for (let second = 0; second < 5; second += 1) {
    doubtOneself(context, 1_500);
    await rig.advance(1_000);
  }
  expect(all()).toEqual([]);
  await rig.advance(4_000);
  expect(open()).toMatchObject([{ class: "failed-health" }]);
  expect(restartsOf("api")).toBe(1);
});

describe("a model server", () => {
  const counters = (progress: number, waiting = 80): void => {
    const instance = instanceAt("llm", 0);
    const at = rig.clock.now();
    enqueue(rig.control.context.state.inbox.signals, {
      kind: "engine",
      pool: "llm",
      endpoint: endpointId(instance, "llm"),
      at,
      counters: { running: 8, waiting, progress },
    });
  };

  it("that is saturated for ten minutes, slow to answer its checks, is not restarted once", async () => {
    await start([checked("llm")]);
    for (let second = 0; second < 600; second += 1) {
      answers["llm"] = second % 4 === 0 ? "good" : "silent";
      counters(second * 50);
      tell("llm", 0, { outcomes: { timeout: second % 10 === 0 ? 1 : 0, succeeded: 3 }, pieces: 50, inFlight: 8 });
      await rig.advance(1_000);
    }
    expect(restartsOf("llm")).toBe(0);
    expect(all().filter(({ class: kind }) => kind === "frozen" || kind === "engine-stalled")).toEqual([]);
  }, 60_000);

  it("that has work and takes no step is restarted, although it is the only one", async () => {
    await start([checked("llm")]);
    for (let second = 0; second < 5; second += 1) {
      counters(second * 50);
      await rig.advance(1_000);
    }
    for (let second = 0; second < 20 && restartsOf("llm") === 0; second += 1) {
      counters(250);
      await rig.advance(1_000);
    }
    expect(restartsOf("llm")).toBe(1);
    expect(open()[0]).toMatchObject({ class: "engine-stalled" });
  }, 30_000);
});

describe("people's wishes", () => {
  it("only what the manifest allows is done, all else is advised, and the service has its own word", async () => {
    await start([checked("api", { replicas: 2, healing: { act: ["eject"] } }), checked("web", { replicas: 2 })], {
      healing: { act: [] },
    });
    answers = { "api/1": "bad", "web/1": "bad" };
    await rig.advance(20_000);
    expect(rig.driver.calls.filter(({ method }) => method === "restart")).toEqual([]);
    expect(open().map(rungsOf)).toEqual([["(restart)"], ["(restart)"]]);
    rig.driver.crash(rig.driver.instances("web")[0]!.handle);
    await rig.advance(5_000);
    expect(rig.running("web")).toEqual([1]);
  });

  it("a pause advises once, and what was advised is done when it ends", async () => {
    await start([checked("api", { replicas: 2 })]);
    pause(rig.control.context, { actor: "test", reason: "looking at it" });
    answers = { "api/1": "bad" };
    await rig.advance(60_000);
    expect(rungsOf(open()[0])).toEqual(["(restart)"]);
    expect(restartsOf("api")).toBe(0);
    resume(rig.control.context, { actor: "test" });
    await rig.advance(1_000);
    expect(restartsOf("api")).toBe(1);
  });

  it("in a maintenance window nothing is started again, and all of it when it is over", async () => {
    answers = {};
    await start([checked("api")]);
    const minute = Math.floor(rig.clock.now() / 60_000) % 1_440;
    const windows = [{ fromMinute: minute, toMinute: (minute + 3) % 1_440 }];
    await rig.apply(makeSpec([checked("api")], { healing: { windows } }));
    rig.driver.crash(rig.driver.instances("api")[0]!.handle);
    await rig.advance(60_000);
    expect(rig.running("api")).toEqual([]);
    expect(rungsOf(open()[0])).toContain("(restart)");
    await rig.advance(180_000);
    expect(rig.running("api")).toEqual([0]);
  }, 30_000);

  it("at most so many actions an hour are done, then a person is asked", async () => {
    await start(
      ["a", "b", "c"].map((name) => checked(name, { replicas: 2 })),
      { healing: { mostPerHour: 2 } },
    );
    answers = { "a/1": "bad", "b/1": "bad", "c/1": "bad" };
    await rig.advance(9_000);
    expect(
      rig.driver.calls.filter(({ method }) => method === "restart").map(({ handle }) => handle?.split("/")[0]),
    ).toHaveLength(2);
    expect(open().map(rungsOf)).toContainEqual(["(restart)"]);
  });
});
