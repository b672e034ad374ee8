// A whole control whose services answer their checks as a test says, and whose gateway says what the test tells: for tests of healing.
import type { AttemptOutcome, HealingSpec, Incident, RequestEvidence, ServiceSpec } from "@flyball/core";
import type { FakeCommandResult } from "@flyball/drivers";
import { enqueue } from "../create-control.ts";
import { endpointId, type Instance } from "../observe/instance.ts";
import { createControlRig, type ControlRig } from "./control-rig.ts";
import { makeService, makeSpec } from "./make-spec.ts";

/** What a check answers; `silent`: nothing in time, `stopped`: the same, and the driver sees that a signal has stopped it. */
export type CheckAnswer = "good" | "bad" | "silent" | "stopped";

/** The stage. */
export interface HealingStage {
  rig: ControlRig;
  /** By service, by place (`api/1`), or by start of a place; the most particular one counts. */
  answers: Record<string, CheckAnswer>;
  start(
    services: readonly ServiceSpec[],
    options?: { readonly healing?: HealingSpec; readonly goodWindowMs?: number },
  ): Promise<void>;
  /** Incidents that are open, and all of them. */
  open(): readonly Incident[];
  all(): readonly Incident[];
  restartsOf(service: string): number;
  instanceAt(service: string, ordinal: number): Instance;
  /** What the gateway saw of an instance in the last 200 ms: five good answers unless said otherwise. */
  tell(service: string, ordinal: number, seen?: Partial<RequestEvidence> & { readonly outcome?: AttemptOutcome }): void;
}

const RESULTS: Readonly<Record<CheckAnswer, FakeCommandResult>> = {
  good: { code: 0, output: "", delayMs: 0 },
  bad: { code: 1, output: "database is away", delayMs: 0 },
  silent: { code: 0, output: "", delayMs: 1e9 },
  stopped: { code: 0, output: "", delayMs: 1e9 },
};

/** A service with a check of the default pace. */
export function checkedService(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  const pace = { intervalMs: 1_000, timeoutMs: 500, retries: 3, startPeriodMs: 10_000 };
  return makeService(name, { healthcheck: { command: ["check", name], ...pace }, ...overrides });
}

/** Rungs of an incident in order; those that were only advised in brackets. */
export function rungsOf(incident: Incident | undefined): readonly string[] {
  return (incident?.actions ?? []).flatMap(({ rung, isAdvice }) =>
    rung === undefined ? [] : [isAdvice === true ? `(${rung})` : rung],
  );
}

/** A stage that waits for `start`. */
export function createHealingStage(): HealingStage {
  const stage: HealingStage = {
    rig: undefined as unknown as ControlRig,
    answers: {},
    async start(services, { healing, goodWindowMs } = {}) {
      stage.answers = {};
      const answerOf = (service: string, ordinal: number): CheckAnswer =>
        stage.answers[`${service}/${ordinal}`] ?? stage.answers[service] ?? "good";
      stage.rig = await createControlRig({
        ...(goodWindowMs === undefined ? {} : { goodWindowMs }),
        knobs: ({ service }, ordinal) => ({
          runCommand: () => RESULTS[answerOf(service, ordinal)],
          isStopped: () => answerOf(service, ordinal) === "stopped",
        }),
      });
      await stage.rig.apply(makeSpec(services, healing === undefined ? {} : { healing }));
    },
    open: () => stage.rig.control.context.incidents.open(),
    all: () => stage.rig.store.incidents.list({ limit: 100 }),
    restartsOf: (service) =>
      stage.rig.driver.calls.filter((call) => call.method === "restart" && call.handle?.includes(`/${service}/`))
        .length,
    instanceAt(service, ordinal) {
      const found = stage.rig.control.context.state.table
        .of(service)
        .find((one) => one.ordinal === ordinal && (one.phase === "ready" || one.phase === "unhealthy"));
      if (found === undefined) throw new Error(`no ${service}/${ordinal}`);
      return found;
    },
    tell(service, ordinal, { outcome = "succeeded", ...seen } = {}) {
      const now = stage.rig.clock.now();
      const bad = { firstBadAt: now, lastBadAt: now, lastFailure: "status 500" };
      enqueue(stage.rig.control.context.state.inbox.signals, {
        kind: "requests",
        pool: service,
        endpoint: endpointId(stage.instanceAt(service, ordinal), service),
        from: now - 200,
        to: now,
        outcomes: { [outcome]: 5 },
        inFlight: 0,
        latencySumMs: 50,
        latencyMaxMs: 20,
        ...(outcome === "succeeded" ? { lastGoodAt: now } : bad),
        ...seen,
      });
    },
  };
  return stage;
}
