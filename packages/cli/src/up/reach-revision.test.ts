import type { AppEvent, ApplyResult, AppStatus } from "@flyball/core";
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
  expect(failed.outcome).toEqual({ kind: "failed", reason: "no" });
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
  expect(outcome).toEqual({ kind: "failed", reason: "exit code 1" });
});
