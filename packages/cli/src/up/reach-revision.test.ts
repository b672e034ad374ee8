import type { AppEvent, ApplyResult, AppStatus, SnapshotRefusal } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { makeServiceStatus, makeStatus } from "../testing/make-status.ts";
import { reachRevision, type RevisionOutcome } from "./reach-revision.ts";

type Said = AppEvent extends infer Event
  ? Event extends AppEvent
    ? Omit<Event, "sequence" | "at"> & { at?: number }
    : never
  : never;

const applied = (isChanged: boolean, number = 3): ApplyResult => ({
  isChanged,
  revision: { number, hash: "", author: "", reason: "", createdAt: 0 },
  plan: { fromRevision: 2, toRevision: number, steps: [], droppedOverrides: [] },
});

async function reach(options: {
  readonly isChanged: boolean;
  readonly events: readonly Said[];
  readonly states?: readonly AppStatus[];
}): Promise<{ outcome: RevisionOutcome; told: string[] }> {
  const told: string[] = [];
  const states = [...(options.states ?? [])];
  async function* events(): AsyncGenerator<AppEvent, void, void> {
    for (const [sequence, event] of options.events.entries()) yield { sequence, at: 100, ...event };
  }
  const outcome = await reachRevision({
    control: { status: async () => states.shift() ?? makeStatus([]) },
    applied: applied(options.isChanged),
    events: events(),
    since: 50,
    clock: createFakeClock(),
    limit: { limitMs: 1_000, waitsForJobs: true },
    onEvent: (event) => told.push(event.event),
  });
  return { outcome, told };
}

test("a new revision is reached by its own event; older history and other revisions are not taken for it", async () => {
  const { outcome, told } = await reach({
    isChanged: true,
    events: [
      { event: "revision-reached", revision: 3, tookMs: 1, at: 10 },
      { event: "revision-reached", revision: 2, tookMs: 1 },
      { event: "service-state", service: "api", state: "ready" },
      { event: "revision-reached", revision: 3, tookMs: 1 },
      { event: "gateway-state", state: "lost" },
    ],
  });
  expect(outcome).toEqual({ kind: "reached" });
  expect(told).toEqual(["revision-reached", "service-state", "revision-reached"]);
});

test("a revision that a later one overtook counts as reached with it", async () => {
  const { outcome } = await reach({ isChanged: true, events: [{ event: "revision-reached", revision: 4, tookMs: 1 }] });
  expect(outcome).toEqual({ kind: "reached" });
});

test("a failure ends the wait with its reason, and an end of the events is neither", async () => {
  const failed = await reach({ isChanged: true, events: [{ event: "revision-failed", revision: 3, reason: "no" }] });
  expect(failed.outcome).toMatchObject({
    kind: "failed",
    failure: { reason: "no" },
  });
  expect((await reach({ isChanged: true, events: [] })).outcome).toEqual({ kind: "lost" });
});

test("a revision that stands already is reached at once, also when the app is degraded", async () => {
  for (const state of ["ready", "degraded"] as const) {
    const { outcome, told } = await reach({ isChanged: false, events: [], states: [makeStatus([], { state })] });
    expect([outcome, told]).toEqual([{ kind: "reached" }, []]);
  }
});

test("an app that is started again with an old revision is reached when it is ready, although no event says so", async () => {
  const starting = makeStatus([], { state: "starting" });
  const { outcome, told } = await reach({
    isChanged: false,
    events: [
      { event: "service-state", service: "api", state: "starting" },
      { event: "service-state", service: "api", state: "ready" },
      { event: "gateway-state", state: "connected" },
    ],
    states: [starting, starting, makeStatus([])],
  });
  expect(outcome).toEqual({ kind: "reached" });
  expect(told).toEqual(["service-state", "service-state"]);
});

test("an app that cannot be started again fails with the reason of the service", async () => {
  const service = makeServiceStatus("api", [], { state: "crash-loop", reason: "exit code 1" });
  const { outcome } = await reach({
    isChanged: false,
    events: [{ event: "service-state", service: "api", state: "crash-loop" }],
    states: [makeStatus([], { state: "starting" }), makeStatus([service], { state: "failed" })],
  });
  expect(outcome).toEqual({ kind: "failed", failure: { reason: "exit code 1" } });
});

test("a revision that is written already and failed is a failure, at once or when it fails again, although the app serves", async () => {
  const failed = makeStatus([], { state: "degraded", failure: "api/1 exited with code 4" });
  const outcome = { kind: "failed", failure: { reason: "api/1 exited with code 4" } };
  expect(await reach({ isChanged: false, events: [], states: [failed] })).toEqual({ outcome, told: [] });
  const again = await reach({
    isChanged: false,
    events: [{ event: "revision-failed", revision: 3, reason: "api/1 exited with code 4" }],
    states: [makeStatus([], { state: "starting" }), failed],
  });
  expect(again.outcome).toEqual(outcome);
});

const refusal: SnapshotRefusal = {
  revision: 3,
  snapshotVersion: 9,
  code: "FB_CONTROL_SNAPSHOT_REFUSED",
  reason: "no port",
  remedy: "go back",
};

test("a revision that the gateway refuses ends the wait at once; one of an earlier revision is another's story", async () => {
  const { outcome } = await reach({
    isChanged: true,
    events: [
      { event: "snapshot-refused", ...refusal, revision: 2 },
      { event: "snapshot-refused", ...refusal },
      { event: "revision-failed", revision: 3, reason: "no" },
    ],
  });
  expect(outcome).toMatchObject({ kind: "refused", refusal });
});

test("a revision that is written already and still refused is refused, although the app serves", async () => {
  const gateway = { isConnected: true, snapshotVersion: 8, refusal };
  const { outcome } = await reach({
    isChanged: false,
    events: [],
    states: [makeStatus([], { state: "degraded", gateway })],
  });
  expect(outcome).toEqual({ kind: "refused", refusal });
});

interface SlowWait {
  readonly outcome: Promise<RevisionOutcome>;
  readonly clock: ReturnType<typeof createFakeClock>;
  emit(event: Said): void;
  /** The next event, as who follows after the wait gets it. */
  next(): Promise<IteratorResult<AppEvent>>;
}

/** A wait whose events come when the test says so. */
function waitFor(options: { readonly waitsForJobs: boolean; readonly status: () => AppStatus }): SlowWait {
  const clock = createFakeClock();
  const waiting: ((result: IteratorResult<AppEvent>) => void)[] = [];
  const events = { next: () => new Promise<IteratorResult<AppEvent>>((resolve) => void waiting.push(resolve)) };
  const outcome = reachRevision({
    control: { status: async () => options.status() },
    applied: applied(true),
    events,
    since: 0,
    clock,
    limit: { limitMs: 1_000, waitsForJobs: options.waitsForJobs },
    onEvent: () => undefined,
  });
  return {
    outcome,
    clock,
    emit: (event) => waiting.shift()?.({ done: false, value: { sequence: 1, at: 100, ...event } as AppEvent }),
    next: events.next,
  };
}

const starting = makeServiceStatus("api", [], { state: "starting", reason: "not probed yet" });

test("a wait without an outcome ends at its limit with the state at that moment", async () => {
  const wait = waitFor({ waitsForJobs: true, status: () => makeStatus([starting], { state: "starting" }) });
  await wait.clock.advance(999);
  wait.emit({ event: "service-state", service: "api", state: "starting" });
  await wait.clock.advance(1);
  expect(await wait.outcome).toMatchObject({ kind: "timed-out", status: { services: [{ service: "api" }] } });
});

test("a control that does not answer at the limit is no second failure", async () => {
  const wait = waitFor({
    waitsForJobs: true,
    status: () => {
      throw new Error("away");
    },
  });
  await wait.clock.advance(1_000);
  expect(await wait.outcome).toEqual({ kind: "timed-out", status: undefined });
});

test("a job that runs is waited for, unless a person said how long, and no event is lost over it", async () => {
  const job = makeServiceStatus("migrate", [], { kind: "job", state: "starting" });
  const status = (): AppStatus => makeStatus([job], { state: "starting" });
  const patient = waitFor({ waitsForJobs: true, status });
  await patient.clock.advance(5_500);
  patient.emit({ event: "revision-reached", revision: 3, tookMs: 1 });
  expect(await patient.outcome).toEqual({ kind: "reached" });
  expect(patient.clock.pendingTimers()).toBe(0);
  const follower = patient.next();
  patient.emit({ event: "gateway-state", state: "lost" });
  expect((await follower).value).toMatchObject({ event: "gateway-state" });
  const strict = waitFor({ waitsForJobs: false, status });
  await strict.clock.advance(1_000);
  expect((await strict.outcome).kind).toBe("timed-out");
});
