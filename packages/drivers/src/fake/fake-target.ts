// The machine on which fake instances run: it outlives a driver, as processes outlive control, so that a test can connect a new driver.
// Exited instances are kept until they are forgotten, at most 1,000; each tag keeps its newest 10,000 lines of output.
import {
  instanceTag,
  type Address,
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

const KEPT_EXITED = 1_000;
const KEPT_LINES = 10_000;
const FIRST_PORT = 20_000;

/** One fake instance. */
export interface FakeInstance {
  readonly observation: InstanceObservation;
  readonly workload: Workload;
  readonly knobs: FakeKnobs;
  readonly tag: string;
}

/** Where fake instances live. */
export interface FakeTarget {
  instances(): readonly FakeInstance[];
  get(handle: string): FakeInstance | undefined;
  start(options: {
    readonly workload: Workload;
    readonly ordinal: number;
    readonly revision: number;
    readonly knobs: FakeKnobs;
  }): FakeInstance;
  /** Ends a running instance; nothing happens to an exited one. */
  end(handle: string, exit: Omit<ExitStatus, "at">): void;
  forget(handle: string): void;
  print(handle: string, text: string, stream: LogLine["stream"]): void;
  lines(tag: string): readonly LogLine[];
  /** The stable port of a tcp port, allotted once for each service, ordinal and name. */
  stablePort(workload: Workload, ordinal: number, portName: string): number;
  /** Calls back for each start and exit until the answer is called. */
  onEvent(listener: (event: DriverEvent) => void): () => void;
  /** Calls back for each printed line until the answer is called. */
  onLine(listener: (tag: string, line: LogLine) => void): () => void;
}

/** An empty machine. */
export function createFakeTarget(options: { readonly clock: Clock; readonly random: Random }): FakeTarget {
  const { clock, random } = options;
  const instances = new Map<string, FakeInstance>();
  const crashes = new Map<string, CancelTimer>();
  const output = new Map<string, LogLine[]>();
  const stablePorts = new Map<string, number>();
  const eventListeners = new Set<(event: DriverEvent) => void>();
  const lineListeners = new Set<(tag: string, line: LogLine) => void>();
  const bootId = Math.floor(random() * 2 ** 32).toString(16);
  let starts = 0;
  let ports = 0;

  const target: FakeTarget = {
    instances: () => [...instances.values()],
    get: (handle) => instances.get(handle),
    start({ workload, ordinal, revision, knobs }) {
      starts += 1;
      const tag = instanceTag(workload.app, workload.clone, workload.service, ordinal);
      const handle = `${tag}#${starts}`;
      const instance: FakeInstance = {
        workload,
        knobs,
        tag,
        observation: {
          handle,
          service: workload.service,
          ordinal,
          specHash: workload.specHash,
          revision,
          state: "running",
          identity: { pid: 1_000 + starts, startTicks: Math.floor(clock.monotonic() / 10), bootId },
          startedAt: clock.now(),
          addresses: addressesOf(workload, ordinal, knobs),
        },
      };
      instances.set(handle, instance);
      for (const listener of eventListeners) listener({ kind: "instance-started", instance: instance.observation });
      for (const text of knobs.output) target.print(handle, text, "stdout");
      if (knobs.crashAfterMs !== undefined) {
        const { exitCode } = knobs;
        const crash = (): void =>
          target.end(handle, { code: exitCode, signal: exitCode === null ? "SIGKILL" : null, wasRequested: false });
        crashes.set(handle, clock.after(knobs.crashAfterMs, crash));
      }
      return instance;
    },
    end(handle, exit) {
      const instance = instances.get(handle);
      if (!instance || instance.observation.state === "exited") return;
      crashes.get(handle)?.();
      crashes.delete(handle);
      const observation = { ...instance.observation, state: "exited", exit: { ...exit, at: clock.now() } } as const;
      instances.set(handle, { ...instance, observation });
      dropOldestExited(instances);
      for (const listener of eventListeners) listener({ kind: "instance-exited", instance: observation });
    },
    forget(handle) {
      if (instances.get(handle)?.observation.state === "exited") instances.delete(handle);
    },
    print(handle, text, stream) {
      const instance = instances.get(handle);
      if (!instance) return;
      const line: LogLine = { at: clock.now(), instance: instanceName(instance), stream, text };
      const lines = output.get(instance.tag) ?? [];
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      output.set(instance.tag, lines);
      for (const listener of lineListeners) listener(instance.tag, line);
    },
    lines: (tag) => output.get(tag) ?? [],
    stablePort(workload, ordinal, portName) {
      const key = `${workload.service}/${ordinal}/${portName}`;
      const port = stablePorts.get(key) ?? FIRST_PORT + ports++;
      stablePorts.set(key, port);
      return port;
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => void eventListeners.delete(listener);
    },
    onLine(listener) {
      lineListeners.add(listener);
      return () => void lineListeners.delete(listener);
    },
  };

  function addressesOf(workload: Workload, ordinal: number, knobs: FakeKnobs): Record<string, Address> {
    return Object.fromEntries(
      workload.ports.map((spec) => {
        const fixed = knobs.ports[spec.name] ?? (spec.protocol === "tcp" ? spec.published : undefined) ?? spec.port;
        const stable = spec.protocol === "tcp" ? target.stablePort(workload, ordinal, spec.name) : FIRST_PORT + ports++;
        return [spec.name, { host: "127.0.0.1", port: fixed ?? stable }];
      }),
    );
  }
  return target;
}

function instanceName(instance: FakeInstance): string {
  return `${instance.observation.service}/${instance.observation.ordinal}`;
}

function dropOldestExited(instances: Map<string, FakeInstance>): void {
  const exited = [...instances].filter(([, instance]) => instance.observation.state === "exited");
  for (const [handle] of exited.slice(0, Math.max(0, exited.length - KEPT_EXITED))) instances.delete(handle);
}
