// A driver without a target: its instances live in memory and do what knobs say, on the clock that it was given. Control's tests move a
// fake clock and see crashes, slow starts and stubborn programs without one process. It passes the conformance suite of all drivers.
import type { Clock, InstanceObservation, LogLine, Random } from "@flyball/core";
import { DRIVER_CONTRACT, type Driver, type Fingerprint } from "../v1/driver.ts";
import { exclusiveReason } from "../v1/exclusive-reason.ts";
import { planInstances } from "../v1/plan-instances.ts";
import type {
  ChecksListeners,
  KnowsAddresses,
  KnowsExclusives,
  KnowsStopped,
  MeasuresResources,
  RunsCommands,
} from "../v1/powers.ts";
import type { FakeKnobsSource } from "./fake-knobs.ts";
import { applyFake, knownInstance, refuseFakeFields, restartFake, stopFake } from "./fake-lifecycle.ts";
import { followFakeLogs } from "./fake-logs.ts";
import { addressOfFake, foreignListenerOfFake, measureFake, runFakeCommand } from "./fake-powers.ts";
import { noteCall, observations, type FakeDriverCall, type FakeState } from "./fake-state.ts";
import { createFakeTarget, type FakeTarget } from "./fake-target.ts";

/** What a fake driver needs. */
export interface FakeDriverOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly knobs?: FakeKnobsSource;
  /** The target of an earlier fake driver, to stand for a control that comes back. */
  readonly target?: FakeTarget;
  /** What there is to be reserved; four processors and 8 GiB unless given. */
  readonly machine?: Partial<Pick<Fingerprint, "cpus" | "memoryBytes" | "gpus">>;
}

/** The driver with its handles for tests. */
export interface FakeDriver
  extends Driver, MeasuresResources, RunsCommands, KnowsAddresses, KnowsExclusives, KnowsStopped, ChecksListeners {
  readonly target: FakeTarget;
  /** The newest 10,000 calls, oldest first. */
  readonly calls: readonly FakeDriverCall[];
  /** Changes how instances that start from now on behave. */
  setKnobs(knobs: FakeKnobsSource): void;
  /** All instances as they are now, optionally of one service. */
  instances(service?: string): readonly InstanceObservation[];
  /** Ends an instance at once, as a crash: by SIGKILL unless a code is given. */
  crash(handle: string, exit?: { readonly code: number }): void;
  /** Lets an instance print a line. */
  print(handle: string, text: string, stream?: LogLine["stream"]): void;
}

const FINGERPRINT: Fingerprint = {
  driver: "fake",
  contract: DRIVER_CONTRACT,
  target: "memory",
  cpus: 4,
  memoryBytes: 8 * 1024 ** 3,
  gpus: 0,
  restartsByItself: false,
};

/** Creates a fake driver on an empty target, or on the one given. */
export function createFakeDriver(options: FakeDriverOptions): FakeDriver {
  const target = options.target ?? createFakeTarget(options);
  const state: FakeState = {
    clock: options.clock,
    target,
    calls: [],
    reserved: new Set(),
    knobsSource: options.knobs ?? {},
    starts: 0,
  };
  return {
    name: "fake",
    fingerprint: (signal) => answer(signal, () => ({ ...FINGERPRINT, ...options.machine })),
    plan: (desired, observed) => ({
      refusals: refuseFakeFields(
        state,
        desired.map(({ workload }) => workload),
      ),
      ...planInstances(desired, observed),
    }),
    apply: (desired, context, signal) => applyFake(state, desired, context, signal),
    observe: (onEvent, signal) =>
      answer(signal, () => {
        signal.addEventListener("abort", target.onEvent(onEvent), { once: true });
        return observations(state);
      }),
    restart: (handle, workload, context, signal) => restartFake(state, handle, { workload, context }, signal),
    stop(handle, stopOptions, signal) {
      noteCall(state, "stop", { handle });
      return stopFake(state, handle, stopOptions, signal);
    },
    async forget(handle) {
      noteCall(state, "forget", { handle });
      target.forget(handle);
    },
    logs: (handle, logOptions, signal) => followFakeLogs(target, knownInstance(state, handle).tag, logOptions, signal),
    recover: (handle, signal) => answer(signal, () => target.get(handle)?.observation),
    measure: (signal) => answer(signal, () => measureFake(state)),
    runCommand: (handle, command, { timeoutMs }, signal) =>
      runFakeCommand(state, handle, { command, timeoutMs }, signal),
    addressOf: async (workload, portName) => addressOfFake(state, workload, portName),
    exclusiveReason,
    foreignListener: (handle, signal) => answer(signal, () => foreignListenerOfFake(state, handle)),
    isStopped: (handle, signal) => answer(signal, () => target.get(handle)?.knobs.isStopped() === true),
    ...testHandles(state),
  };
}

function testHandles(
  state: FakeState,
): Pick<FakeDriver, "target" | "calls" | "setKnobs" | "instances" | "crash" | "print"> {
  return {
    target: state.target,
    calls: state.calls,
    setKnobs: (knobs) => void (state.knobsSource = knobs),
    instances: (service) => observations(state).filter((one) => service === undefined || one.service === service),
    crash(handle, exit) {
      state.target.end(handle, { code: exit?.code ?? null, signal: exit ? null : "SIGKILL", wasRequested: false });
    },
    print: (handle, text, stream = "stdout") => state.target.print(handle, text, stream),
  };
}

async function answer<T>(signal: AbortSignal, make: () => T): Promise<T> {
  signal.throwIfAborted();
  return make();
}
