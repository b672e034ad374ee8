// The machine on which fake instances run: it outlives a driver, as processes outlive control, so that a test can connect a new driver.
// Exited instances are kept until they are forgotten, at most 1,000.
import {
  instanceTag,
  type CancelTimer,
  type Clock,
  type ExitStatus,
  type InstanceObservation,
  type LogLine,
  type Random,
  type Workload,
} from "@flyball/core";
import type { DriverEvent } from "../v1/driver.ts";
import type { FakeKnobs } from "./fake-knobs.ts";
import { createFakeOutput, type FakeOutput } from "./fake-output.ts";
import { createFakePorts, type FakePorts } from "./fake-ports.ts";

const KEPT_EXITED = 1_000;

/** One fake instance. */
export interface FakeInstance {
  readonly observation: InstanceObservation;
  readonly workload: Workload;
  readonly knobs: FakeKnobs;
  readonly tag: string;
}

/** What a fake instance is started with. */
export interface FakeStart {
  readonly workload: Workload;
  readonly ordinal: number;
  readonly revision: number;
  readonly knobs: FakeKnobs;
}

/** Where fake instances live. */
export interface FakeTarget {
  readonly output: FakeOutput;
  readonly ports: FakePorts;
  instances(): readonly FakeInstance[];
  get(handle: string): FakeInstance | undefined;
  start(start: FakeStart): FakeInstance;
  /** Ends a running instance; nothing happens to an exited one. */
  end(handle: string, exit: Omit<ExitStatus, "at">): void;
  forget(handle: string): void;
  print(handle: string, text: string, stream: LogLine["stream"]): void;
  /** Calls back for each start and exit until the answer is called. */
  onEvent(listener: (event: DriverEvent) => void): () => void;
}

/** An empty machine. */
export function createFakeTarget(options: { readonly clock: Clock; readonly random: Random }): FakeTarget {
  const { clock, random } = options;
  const instances = new Map<string, FakeInstance>();
  const crashes = new Map<string, CancelTimer>();
  const listeners = new Set<(event: DriverEvent) => void>();
  const output = createFakeOutput();
  const ports = createFakePorts();
  const bootId = Math.floor(random() * 2 ** 32).toString(16);
  let starts = 0;
  const publish = (kind: DriverEvent["kind"], instance: InstanceObservation): void =>
    listeners.forEach((listener) => listener({ kind, instance }));

  function start(wish: FakeStart): FakeInstance {
    starts += 1;
    const identity = { pid: 1_000 + starts, startTicks: Math.floor(clock.monotonic() / 10), bootId };
    const addresses = ports.addressesOf(wish.workload, wish.ordinal, wish.knobs.ports);
    const instance = createInstance(wish, starts, { startedAt: clock.now(), identity, addresses });
    const { handle } = instance.observation;
    const { crashAfterMs, exitCode: code } = wish.knobs;
    instances.set(handle, instance);
    publish("instance-started", instance.observation);
    for (const text of wish.knobs.output) print(handle, text, "stdout");
    if (crashAfterMs !== undefined) {
      const exit = { code, signal: code === null ? "SIGKILL" : null, wasRequested: false };
      crashes.set(
        handle,
        clock.after(crashAfterMs, () => end(handle, exit)),
      );
    }
    return instance;
  }

  function end(handle: string, exit: Omit<ExitStatus, "at">): void {
    const instance = instances.get(handle);
    if (!instance || instance.observation.state === "exited") return;
    crashes.get(handle)?.();
    crashes.delete(handle);
    const observation = { ...instance.observation, state: "exited", exit: { ...exit, at: clock.now() } } as const;
    instances.set(handle, { ...instance, observation });
    dropOldestExited(instances);
    publish("instance-exited", observation);
  }

  function print(handle: string, text: string, stream: LogLine["stream"]): void {
    const instance = instances.get(handle);
    if (!instance) return;
    const { service, ordinal } = instance.observation;
    output.add(instance.tag, { at: clock.now(), instance: `${service}/${ordinal}`, stream, text });
  }

  return {
    output,
    ports,
    instances: () => [...instances.values()],
    get: (handle) => instances.get(handle),
    start,
    end,
    forget(handle) {
      if (instances.get(handle)?.observation.state === "exited") instances.delete(handle);
    },
    print,
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function createInstance(
  { workload, ordinal, revision, knobs }: FakeStart,
  serial: number,
  facts: Pick<InstanceObservation, "startedAt" | "addresses"> & Required<Pick<InstanceObservation, "identity">>,
): FakeInstance {
  const { service, specHash } = workload;
  const tag = instanceTag(workload.app, workload.clone, service, ordinal);
  const observation: InstanceObservation = {
    handle: `${tag}#${serial}`,
    service,
    ordinal,
    specHash,
    revision,
    state: "running",
    ...facts,
  };
  return { workload, knobs, tag, observation };
}

function dropOldestExited(instances: Map<string, FakeInstance>): void {
  const exited = [...instances].filter(([, instance]) => instance.observation.state === "exited");
  for (const [handle] of exited.slice(0, Math.max(0, exited.length - KEPT_EXITED))) instances.delete(handle);
}
