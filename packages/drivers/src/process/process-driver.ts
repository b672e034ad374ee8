// The driver of the local target: instances are plain processes of this machine, spawned and kept by the app's keeper. It holds nothing
// that cannot be read back from the keeper and the app's folder, so a control that was killed goes on where it was.
import { arch, release } from "node:os";
import { join } from "node:path";
import type { Clock, Random, StateLayout } from "@flyball/core";
import type { KeeperClient } from "@flyball/wire";
import { DRIVER_CONTRACT, type Driver, type DriverEvent, type Fingerprint } from "../v1/driver.ts";
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
import { addressOf } from "./address-of.ts";
import { foreignListener } from "./foreign-listener.ts";
import { forgetInstance } from "./forget-instance.ts";
import { toObservation } from "./instance-note.ts";
import { mirrorKeptProcesses, type KeptEvent } from "./kept-processes.ts";
import { createKeyedLock } from "./keyed-lock.ts";
import { plainMachine, type MachineSize } from "./machine-size.ts";
import { createResourceMeter } from "./measure-resources.ts";
import { createPortAllocator } from "./port-allocator.ts";
import { createPortProbe, type PortRange } from "./port-probe.ts";
import type { ProcessContext } from "./process-context.ts";
import { readLogs } from "./read-logs.ts";
import { applyProcesses, observeKept, restartProcess } from "./reconcile-instances.ts";
import { refuseFields } from "./refuse-fields.ts";
import { endStaleChecks, runCommand } from "./run-command.ts";
import { createStablePorts } from "./stable-ports.ts";
import { stopInstance } from "./stop-instance.ts";
import { isStopped } from "./stopped-processes.ts";

/** What the process driver needs. */
export interface ProcessDriverOptions {
  /** A connection of its own: the driver watches on it. When it closes, every call rejects with FB_KEEPER_UNREACHABLE. */
  readonly keeper: KeeperClient;
  readonly layout: StateLayout;
  readonly app: string;
  readonly clone: string;
  /** The caller's environment; only a few variables of it reach instances. */
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Ports for instances; 20000–29999 unless given, without the kernel's range for outgoing connections. */
  readonly portRange?: PortRange;
  /** `/proc` unless given. */
  readonly procRoot?: string;
  /** This machine's unless given, then without GPUs. */
  readonly machine?: MachineSize;
}

/** The driver with all optional powers. */
export type ProcessDriver = Driver &
  MeasuresResources &
  RunsCommands &
  KnowsAddresses &
  KnowsExclusives &
  KnowsStopped &
  ChecksListeners;

const DEFAULT_PORT_RANGE: PortRange = { from: 20_000, to: 29_999 };

/** Creates the driver; it first speaks to the keeper at its first call. */
export function createProcessDriver(options: ProcessDriverOptions): ProcessDriver {
  const context = createContext(options);
  const meter = createResourceMeter(context);
  let starting: Promise<void> | undefined;
  const ready = async (signal: AbortSignal): Promise<void> => {
    await context.kept.ready(signal);
    await (starting ??= endStaleChecks(context));
    signal.throwIfAborted();
  };
  return {
    name: "process",
    async fingerprint(signal) {
      signal.throwIfAborted();
      return fingerprintOf(context.machine);
    },
    plan: (desired, observed) => ({
      refusals: refuseFields(desired, context.machine),
      ...planInstances(desired, observed),
    }),
    async apply(desired, start, signal) {
      await ready(signal);
      return applyProcesses(context, desired, start, signal);
    },
    async observe(onEvent, signal) {
      await ready(signal);
      const unsubscribe = context.kept.onEvent((event) => tell(event, onEvent));
      signal.addEventListener("abort", unsubscribe, { once: true });
      return observeKept(context);
    },
    async restart(handle, workload, start, signal) {
      await ready(signal);
      return restartProcess(context, handle, { workload, start }, signal);
    },
    async stop(handle, stopOptions, signal) {
      await ready(signal);
      return stopInstance(context, handle, stopOptions, signal);
    },
    forget: (handle) => forgetInstance(context, handle),
    logs: (handle, logOptions, signal) => readLogs(context, handle, logOptions, signal),
    async recover(handle, signal) {
      await ready(signal);
      const process = context.kept.get(handle);
      return process && toObservation(process);
    },
    async measure(signal) {
      await ready(signal);
      return meter.measure(context.kept.all(), signal);
    },
    async runCommand(handle, command, { timeoutMs }, signal) {
      await ready(signal);
      return runCommand(context, handle, { command, timeoutMs }, signal);
    },
    async addressOf(workload, portName) {
      await ready(new AbortController().signal);
      return addressOf(context, workload, portName);
    },
    exclusiveReason,
    async foreignListener(handle, signal) {
      await ready(signal);
      return foreignListener(context, handle, signal);
    },
    async isStopped(handle, signal) {
      await ready(signal);
      return isStopped(context, handle, signal);
    },
  };
}

function createContext(options: ProcessDriverOptions): ProcessContext {
  const { keeper, layout, app, clone, baseEnvironment, clock, random } = options;
  const procRoot = options.procRoot ?? "/proc";
  const probe = createPortProbe(procRoot);
  let serial = 0;
  return {
    keeper,
    kept: mirrorKeptProcesses(keeper, layout.keeperSocket),
    layout,
    app,
    clone,
    baseEnvironment,
    procRoot,
    clock,
    random,
    machine: options.machine ?? plainMachine(),
    gpusInHand: new Set(),
    ports: {
      allocator: createPortAllocator({ range: options.portRange ?? DEFAULT_PORT_RANGE, probe, clock }),
      probe,
      stable: createStablePorts(join(layout.directory, "ports.json")),
      nextSerial: () => serial++,
    },
    tagLock: createKeyedLock(),
    unwrittenRecords: new Map(),
    reserved: new Set(),
  };
}

function fingerprintOf({ cpus, memoryBytes, gpuIds }: MachineSize): Fingerprint {
  const system = `${process.platform} ${release().split(".").slice(0, 2).join(".")} ${arch()}`;
  const cores = `${cpus} ${cpus === 1 ? "core" : "cores"}`;
  const gpus = gpuIds.length;
  const devices = gpus === 0 ? "" : `, ${gpus} ${gpus === 1 ? "GPU" : "GPUs"}`;
  const target = `${system}, ${cores}, ${Math.round(memoryBytes / 1024 ** 3)} GiB${devices}`;
  return { driver: "process", contract: DRIVER_CONTRACT, target, cpus, memoryBytes, gpus, restartsByItself: false };
}

function tell(event: KeptEvent, onEvent: (event: DriverEvent) => void): void {
  const instance = toObservation(event.data);
  if (instance) onEvent({ kind: event.event === "process-started" ? "instance-started" : "instance-exited", instance });
}
