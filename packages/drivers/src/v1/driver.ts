// Driver v1: how a target runs services. Control decides what and when; a driver does it and says what it sees.
// A driver keeps no wishes of its own: everything it needs to go on after control's restart comes back from `observe`.
import type { InstanceObservation, LogLine, StartContext, Workload } from "@flyball/core";

/** The contract's version; part of what `fingerprint` reports. */
export const DRIVER_CONTRACT = "driver/v1";

/** What a target is and what it can do. */
export interface Fingerprint {
  readonly driver: string;
  readonly contract: typeof DRIVER_CONTRACT;
  /** `linux 6.1, 2 cores, 24 GiB`, an engine's version. */
  readonly target: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Whole GPUs that can be given to instances. */
  readonly gpus: number;
  /** The target restarts failed instances by itself. */
  readonly restartsByItself: boolean;
}

/** A field of a workload that this target cannot honour. */
export interface Refusal {
  readonly service: string;
  readonly field: string;
  readonly reason: string;
}

/** What `apply` will do, before it is done. Pure. */
export interface DriverPlan {
  readonly refusals: readonly Refusal[];
  /** Ordinals to start, and handles to stop, for each workload. */
  readonly starts: readonly { readonly service: string; readonly specHash: string; readonly ordinal: number }[];
  readonly stops: readonly { readonly service: string; readonly handle: string }[];
}

/** A workload and how many instances of exactly this hash there shall be. */
export interface DesiredWorkload {
  readonly workload: Workload;
  readonly replicas: number;
}

/** An instance changed: it was started, it exited. */
export interface DriverEvent {
  readonly kind: "instance-started" | "instance-exited";
  readonly instance: InstanceObservation;
}

/** How to read output. */
export interface LogOptions {
  /** At most this many of the last lines first. */
  readonly tail: number;
  readonly isFollowing: boolean;
}

/** A target's hands. All methods reject with FlyballError (FB_DRIVER_*, FB_KEEPER_*) and heed the signal. */
export interface Driver {
  readonly name: string;
  fingerprint(signal: AbortSignal): Promise<Fingerprint>;
  /**
   * Compares without touching anything: for each workload named, what `apply` would start and stop now. Exited instances do not count;
   * instances of services and hashes that are not named are no part of it.
   */
  plan(desired: readonly DesiredWorkload[], observed: readonly InstanceObservation[]): DriverPlan;
  /**
   * Brings the instances of this workload's hash to `replicas`; instances of other hashes of the service are left alone, so that a
   * replacement runs beside what it replaces. Answers the running instances of this hash once they are started (not yet ready).
   * An ordinal is unique among the running instances of the service over all hashes, the lowest free one first. Too many are stopped
   * from the highest ordinal down, with the workload's own signal and grace. A workload that `plan` refuses is FB_DRIVER_FIELD_REFUSED.
   * When one start fails, the others go on; the error is that of the first.
   */
  apply(desired: DesiredWorkload, context: StartContext, signal: AbortSignal): Promise<readonly InstanceObservation[]>;
  /** All instances of the app, exited ones included until `forget`; then an event for each change until the signal aborts. */
  observe(onEvent: (event: DriverEvent) => void, signal: AbortSignal): Promise<readonly InstanceObservation[]>;
  /**
   * Stops the instance if it runs and starts it again in its place: same ordinal, same stable tcp port, a new handle; the old one stays
   * known as exited until it is forgotten. FB_DRIVER_UNKNOWN_INSTANCE for an unknown handle; FB_DRIVER_ORDINAL_TAKEN when another
   * instance has the ordinal by now.
   */
  restart(handle: string, workload: Workload, context: StartContext, signal: AbortSignal): Promise<InstanceObservation>;
  /** Stop signal → grace → SIGKILL of everything that carries the tag. Resolves when all of it is gone. Idempotent, also for unknown handles. */
  stop(
    handle: string,
    options: { readonly graceMs: number; readonly stopSignal: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** The exited instance was recorded by the caller and may be dropped. */
  forget(handle: string): Promise<void>;
  /**
   * The output of an instance, of its earlier lives too, oldest line first. With `isFollowing` it goes on over restarts of the instance.
   * Ends quietly when the signal aborts.
   */
  logs(handle: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Finds an instance by the handle that was stored, after a restart of control; undefined when it is gone. */
  recover(handle: string, signal: AbortSignal): Promise<InstanceObservation | undefined>;
}
