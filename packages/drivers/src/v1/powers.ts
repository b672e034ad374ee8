// What some drivers can and others cannot: small interfaces found by capability, so that no driver has a method that only throws.
import type { Address, ResourceUsage, Workload } from "@flyball/core";
import type { Driver } from "./driver.ts";

/** Optional power: CPU and memory of instances. */
export interface MeasuresResources {
  measure(signal: AbortSignal): Promise<readonly ResourceUsage[]>;
}

/** Optional power: a command in an instance's environment (health check by command). Resolves with the exit code; rejects on time-out. */
export interface RunsCommands {
  runCommand(
    handle: string,
    command: readonly string[],
    options: { readonly timeoutMs: number },
    signal: AbortSignal,
  ): Promise<{ readonly code: number; readonly output: string }>;
}

/**
 * Optional power: a workload that cannot run beside its own replacement on this target (a fixed port, an address given out directly).
 * Control stops the old instance before it starts the new one.
 */
export interface KnowsExclusives {
  /** Why it cannot, as a sentence; undefined when it can. Pure. */
  exclusiveReason(workload: Workload): string | undefined;
}

/**
 * Optional power: the address that a port of a service's first instance has or will have, before it runs. undefined: it is chosen anew at
 * each start. Ask again before each start of a dependant; the addresses of a running instance are the truth.
 */
export interface KnowsAddresses {
  addressOf(workload: Workload, portName: string): Promise<Address | undefined>;
}

/** Another program on a port of an instance. */
export interface ForeignListener {
  readonly port: number;
  /** `python3 (pid 4711)` */
  readonly holder: string;
}

/** Optional power: telling an instance from a stranger on its port, where ports are shared with other programs. */
export interface ChecksListeners {
  /**
   * The first port of the instance on which another program listens; undefined when there is none, or the target cannot tell. Also
   * answered for an instance that has exited, until it is forgotten. FB_DRIVER_UNKNOWN_INSTANCE.
   */
  foreignListener(handle: string, signal: AbortSignal): Promise<ForeignListener | undefined>;
}

/** Optional power: telling an instance that was stopped (SIGSTOP, a paused container) from one that is busy or hangs. */
export interface KnowsStopped {
  /** true: it cannot do anything until somebody continues it. Takes a fifth of a second; false for an unknown handle. */
  isStopped(handle: string, signal: AbortSignal): Promise<boolean>;
}

/** The power, when the driver has it. */
export function measuresResources(driver: Driver): MeasuresResources | undefined {
  return "measure" in driver ? (driver as Driver & MeasuresResources) : undefined;
}

/** The power, when the driver has it. */
export function runsCommands(driver: Driver): RunsCommands | undefined {
  return "runCommand" in driver ? (driver as Driver & RunsCommands) : undefined;
}

/** The power, when the driver has it. */
export function knowsAddresses(driver: Driver): KnowsAddresses | undefined {
  return "addressOf" in driver ? (driver as Driver & KnowsAddresses) : undefined;
}

/** The power, when the driver has it. */
export function knowsExclusives(driver: Driver): KnowsExclusives | undefined {
  return "exclusiveReason" in driver ? (driver as Driver & KnowsExclusives) : undefined;
}

/** The power, when the driver has it. */
export function checksListeners(driver: Driver): ChecksListeners | undefined {
  return "foreignListener" in driver ? (driver as Driver & ChecksListeners) : undefined;
}

/** The power, when the driver has it. */
export function knowsStopped(driver: Driver): KnowsStopped | undefined {
  return "isStopped" in driver ? (driver as Driver & KnowsStopped) : undefined;
}
