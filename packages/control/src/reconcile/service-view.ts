// All that the reconciler may look at for one service. It is built anew for each pass, so the decisions stay pure.
import type { Composed, ComposedText, ServiceSpec } from "@flyball/core";
import type { Instance } from "../observe/instance.ts";
import type { Slot } from "../observe/slot.ts";

/** How a job stands in the current revision. */
export interface JobRun extends Composed<"reason"> {
  readonly service: string;
  /** `once`, or the revision's number. */
  readonly key: string;
  readonly state: "running" | "completed" | "failed";
  readonly handle?: string;
  readonly reason?: string;
}

/** One service of the desired state, or one that is no longer in it (`spec` undefined). */
export interface ServiceView {
  readonly service: string;
  readonly spec?: ServiceSpec;
  /** Hash of the workload that shall run; undefined: nothing shall run. */
  readonly desiredHash?: string;
  /** Old and new cannot run side by side: stateful, or the driver says so (a fixed port). The old one ends first. */
  readonly isStopFirst: boolean;
  readonly instances: readonly Instance[];
  readonly slots: readonly Slot[];
  readonly jobRun?: JobRun;
  readonly isPaused: boolean;
  /** A start is under way. */
  readonly isStarting: boolean;
  /** A start failed (no program, no port); not tried again before this time. */
  readonly startRetryAt?: number;
  readonly startFailure?: ComposedText;
  readonly gate: DependencyGate;
  /** Set when not all missing instances have room on the machine. */
  readonly room?: RoomView;
}

/** The room that a service lacks. */
export interface RoomView {
  /** So many of the missing instances have room now. */
  readonly fits: number;
  readonly reason: ComposedText;
  /** The wait for it ends: what holds it ends by itself, or makes way. */
  readonly comesFree: boolean;
  /** Its replacement has room only where the old instance stands: that one ends first. */
  readonly isReplacedInPlace: boolean;
  /** Handles of instances of a lower class that are to be stopped for it. */
  readonly victims: readonly string[];
}

/** Whether the start order lets a service start. */
export type DependencyGate =
  | { readonly kind: "open" }
  | { readonly kind: "waiting"; readonly reason: ComposedText }
  /** A dependency ended before it was ready; said within a second, with its exit and its last lines. */
  | { readonly kind: "failed"; readonly reason: ComposedText };

/** Active instances of the desired hash that nobody wants replaced. */
export function currentInstances(view: ServiceView): readonly Instance[] {
  return view.instances.filter(
    (instance) => isServing(instance) && instance.specHash === view.desiredHash && !instance.isToBeReplaced,
  );
}

/** Active instances that shall make way. */
export function outdatedInstances(view: ServiceView): readonly Instance[] {
  return view.instances.filter(
    (instance) => isServing(instance) && (instance.specHash !== view.desiredHash || instance.isToBeReplaced),
  );
}

function isServing(instance: Instance): boolean {
  return instance.phase === "starting" || instance.phase === "ready" || instance.phase === "unhealthy";
}
