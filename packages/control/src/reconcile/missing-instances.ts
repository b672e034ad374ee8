// How many instances a service or job still lacks, and which of its places wait for a restart. The next actions and the room on the machine
// are both decided on this.
import type { Slot } from "../observe/slot.ts";
import { wantedInstances } from "./wanted-instances.ts";
import { currentInstances, type ServiceView } from "./service-view.ts";

/** Instances that are to be started; those that wait for their restart are not among them. */
export function missingInstances(view: ServiceView): number {
  if (view.desiredHash === undefined || view.spec === undefined) return 0;
  const active = view.instances.filter((instance) => instance.phase !== "exited");
  const waiting = waitingSlots(view).length;
  if (view.spec.kind === "job") return view.jobRun === undefined && active.length === 0 && waiting === 0 ? 1 : 0;
  const current = currentInstances(view);
  // Who cannot run beside its predecessor lacks nothing before that has ended.
  if (view.isStopFirst && active.some((instance) => !current.includes(instance))) return 0;
  return Math.max(0, wantedInstances(view.spec) - current.length - waiting);
}

/** Places whose instance has exited and is to be started again there. */
export function waitingSlots(view: ServiceView): readonly Slot[] {
  return view.slots.filter((slot) => {
    const instance = view.instances.find((candidate) => candidate.handle === slot.handle);
    return instance?.phase === "exited" && instance.specHash === view.desiredHash;
  });
}
