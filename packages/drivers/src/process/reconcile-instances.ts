// `apply` and `restart`: which ordinals are started and stopped, without two operations ever filling the same one.
import { FlyballError, instanceTag, type InstanceObservation, type StartContext, type Workload } from "@flyball/core";
import type { DesiredWorkload } from "../v1/driver.ts";
import { planInstances, type ReservedOrdinal } from "../v1/plan-instances.ts";
import { settleAll } from "../v1/settle-all.ts";
import { throwRefused } from "../v1/throw-refused.ts";
import { readInstanceNote, toObservation } from "./instance-note.ts";
import type { ProcessContext } from "./process-context.ts";
import { refuseFields } from "./refuse-fields.ts";
import { startInstance } from "./start-instance.ts";
import { stopInstance } from "./stop-instance.ts";

/** All instances, as the mirror of the keeper has them. */
export function observeKept({ kept }: ProcessContext): readonly InstanceObservation[] {
  return kept.all().flatMap((process) => toObservation(process) ?? []);
}

/** See `Driver.apply`. */
export async function applyProcesses(
  context: ProcessContext,
  desired: DesiredWorkload,
  start: StartContext,
  signal: AbortSignal,
): Promise<readonly InstanceObservation[]> {
  const { workload } = desired;
  const { service, specHash, stopGraceMs: graceMs, stopSignal } = workload;
  throwRefused("process", refuseFields([desired], context.machine));
  const plan = planInstances([desired], observeKept(context), [...context.reserved]);
  for (const place of plan.starts) context.reserved.add(place);
  await settleAll([
    ...plan.starts.map((place) =>
      fill(context, place, () => startInstance(context, { workload, ordinal: place.ordinal, start }, signal)),
    ),
    ...plan.stops.map(({ handle }) => stopInstance(context, handle, { graceMs, stopSignal }, signal)),
  ]);
  return observeKept(context).filter(
    (one) => one.service === service && one.specHash === specHash && one.state === "running",
  );
}

/** See `Driver.restart`. */
export async function restartProcess(
  context: ProcessContext,
  handle: string,
  program: { readonly workload: Workload; readonly start: StartContext },
  signal: AbortSignal,
): Promise<InstanceObservation> {
  const { workload, start } = program;
  const { service, specHash, stopGraceMs: graceMs, stopSignal } = workload;
  const process = context.kept.get(handle);
  const note = process && readInstanceNote(process.note);
  if (!note || note.service !== service) throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
  throwRefused("process", refuseFields([{ workload, replicas: 1 }], context.machine));
  const { ordinal } = note;
  const others = context.kept.running(process.tag).filter((other) => other.key !== handle);
  const isReserved = [...context.reserved].some((place) => place.service === service && place.ordinal === ordinal);
  if (others.length > 0 || isReserved) {
    const instance = instanceTag(context.app, context.clone, service, ordinal);
    throw new FlyballError("FB_DRIVER_ORDINAL_TAKEN", { instance });
  }
  const place = { service, ordinal, specHash };
  context.reserved.add(place);
  return fill(context, place, async () => {
    await stopInstance(context, handle, { graceMs, stopSignal }, signal);
    return startInstance(context, { workload, ordinal, start }, signal);
  });
}

async function fill<T>(context: ProcessContext, place: ReservedOrdinal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    context.reserved.delete(place);
  }
}
