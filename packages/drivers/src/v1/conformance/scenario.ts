// The common ground of the suite's tests: a fresh target for each, a record of what was observed, and waiting for events with a limit.
import assert from "node:assert/strict";
import type { InstanceObservation, PortSpec, StartContext, Workload } from "@flyball/core";
import type { Driver, DriverEvent } from "../driver.ts";
import type {
  ConformanceHarness,
  ConformanceProgram,
  ConformanceSubject,
  ConformanceWish,
} from "./conformance-subject.ts";

/** A test fails when what it waits for has not happened by then. */
const WAIT_LIMIT_MS = 15_000;
const TEST_LIMIT_MS = 60_000;

/** What a test has in hand. */
export interface Scenario {
  readonly subject: ConformanceSubject;
  readonly harness: ConformanceHarness;
  readonly driver: Driver;
  /** A signal that aborts when the test ends. */
  readonly signal: AbortSignal;
  readonly start: StartContext;
  workload(program: ConformanceProgram | ConformanceProgram["kind"], change?: Partial<ConformanceWish>): Workload;
  /** Brings a workload to a number of instances. */
  apply(workload: Workload, replicas: number): Promise<readonly InstanceObservation[]>;
  /** Starts one instance. */
  startOne(workload: Workload): Promise<InstanceObservation>;
  /** All instances that run. */
  running(): Promise<readonly InstanceObservation[]>;
}

/** Declares a test on a fresh target. */
export function scenario(subject: ConformanceSubject, name: string, body: (scenario: Scenario) => Promise<void>): void {
  const run = async (): Promise<void> => {
    const harness = await subject.create();
    const ending = new AbortController();
    try {
      await body(createScenario(subject, harness, ending.signal));
    } finally {
      ending.abort(new Error("the test has ended"));
      await harness.dispose();
    }
  };
  subject.test.it(name, run, TEST_LIMIT_MS);
}

function createScenario(subject: ConformanceSubject, harness: ConformanceHarness, signal: AbortSignal): Scenario {
  const { driver } = harness;
  const start: StartContext = { revision: 7, serviceAddresses: {}, environment: {} };
  const apply: Scenario["apply"] = (workload, replicas) => driver.apply({ workload, replicas }, start, signal);
  return {
    subject,
    harness,
    driver,
    signal,
    start,
    workload(program, change) {
      const chosen = typeof program === "string" ? ({ kind: program } as ConformanceProgram) : program;
      const wish = { service: "alpha", specHash: "hash-1", program: chosen, ports: [], stopGraceMs: 10_000 };
      return subject.makeWorkload({ ...wish, ...change });
    },
    apply,
    async startOne(workload) {
      const [instance] = await apply(workload, 1);
      assert.ok(instance, "apply answered no instance");
      return instance;
    },
    running: async () => (await observed(driver)).filter((instance) => instance.state === "running"),
  };
}

/** All instances that the driver knows now. */
export async function observed(driver: Driver): Promise<readonly InstanceObservation[]> {
  const once = new AbortController();
  try {
    return await driver.observe(() => {}, once.signal);
  } finally {
    once.abort();
  }
}

/** Events since it was made. */
export interface EventRecord {
  readonly events: readonly DriverEvent[];
  /** The first event that fits, past or to come; fails after 15 s. */
  first(fits: (event: DriverEvent) => boolean): Promise<DriverEvent>;
  /** Waits for the exit of an instance. */
  exitOf(handle: string): Promise<InstanceObservation>;
}

/** Observes from now on. */
export async function recordEvents(driver: Driver, signal: AbortSignal): Promise<EventRecord> {
  const events: DriverEvent[] = [];
  const listeners = new Set<() => void>();
  await driver.observe((event) => {
    events.push(event);
    for (const listener of listeners) listener();
  }, signal);
  const first: EventRecord["first"] = async (fits) => {
    const limit = AbortSignal.timeout(WAIT_LIMIT_MS);
    for (;;) {
      const found = events.find(fits);
      if (found) return found;
      await new Promise<void>((resolve, reject) => {
        const onTimeout = (): void => reject(new Error(`no such event; seen: ${JSON.stringify(events)}`));
        limit.addEventListener("abort", onTimeout, { once: true });
        listeners.add(resolve);
      });
    }
  };
  return {
    events,
    first,
    exitOf: async (handle) =>
      (await first((event) => event.kind === "instance-exited" && event.instance.handle === handle)).instance,
  };
}

/** The ordinals, sorted. */
export function ordinalsOf(instances: readonly InstanceObservation[]): readonly number[] {
  return instances.map((instance) => instance.ordinal).toSorted((a, b) => a - b);
}

/** An http port and a tcp port, both chosen by the driver. */
export const TWO_PORTS: readonly PortSpec[] = [
  { name: "http", protocol: "http", host: "127.0.0.1" },
  { name: "sql", protocol: "tcp", host: "127.0.0.1" },
];

/** The first lines of an instance's output; fails after 15 s. */
export async function firstLines(driver: Driver, handle: string, count: number): Promise<readonly string[]> {
  const limit = AbortSignal.timeout(WAIT_LIMIT_MS);
  const texts: string[] = [];
  for await (const line of driver.logs(handle, { tail: 1_000, isFollowing: true }, limit)) {
    texts.push(line.text);
    if (texts.length === count) return texts;
  }
  throw new Error(`only ${texts.length} of ${count} lines: ${texts.join(" | ")}`);
}
