// Which GPUs an instance gets: whole ones that no running instance has. They are told in CUDA_VISIBLE_DEVICES, so that two programs that
// both take the first GPU they see do not meet on one.
import { FlyballError, type Workload } from "@flyball/core";
import { readInstanceNote } from "./instance-note.ts";
import type { ProcessContext } from "./process-context.ts";

/** GPUs that were given out; `release` when the instance runs (its note holds them then) or has not come to be. */
export interface AssignedGpus {
  readonly ids: readonly string[];
  release(): void;
}

/** Gives out the first free ones. FB_DRIVER_NO_GPU when there are not enough. */
export function assignGpus(
  context: Pick<ProcessContext, "kept" | "machine" | "gpusInHand">,
  workload: Pick<Workload, "service" | "resources">,
): AssignedGpus {
  const wanted = workload.resources.reservations.gpus ?? 0;
  const { kept, machine, gpusInHand } = context;
  const running = kept.all().filter(({ state }) => state === "running");
  const held = new Set(running.flatMap(({ note }) => readInstanceNote(note)?.gpus ?? []));
  const free = machine.gpuIds.filter((id) => !held.has(id) && !gpusInHand.has(id));
  if (free.length < wanted) {
    const { service } = workload;
    throw new FlyballError("FB_DRIVER_NO_GPU", { service, wanted, free: free.length, total: machine.gpuIds.length });
  }
  const ids = free.slice(0, wanted);
  for (const id of ids) gpusInHand.add(id);
  return {
    ids,
    release() {
      for (const id of ids) gpusInHand.delete(id);
    },
  };
}
