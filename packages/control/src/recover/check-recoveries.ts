// Ends incidents. Recovery is the start of the first good window of the incident's own subject: its place is ready and the gateway saw
// no bad request there for the whole window. A place that is no longer wanted ends its incident without recovery.
import type { Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { composeText } from "../texts/compose-text.ts";
import { currentInstances, type ServiceView } from "../reconcile/service-view.ts";

/** Looks at every open incident. */
export function checkRecoveries(context: ControlContext, views: readonly ServiceView[]): void {
  for (const incident of context.incidents.open()) {
    const view = views.find((candidate) => candidate.service === incident.subject.service);
    if (view?.desiredHash === undefined) {
      context.incidents.close(incident.id, composeText("action.not-desired"));
    } else if (view.spec?.kind === "job") {
      checkJob(context, view, incident);
    } else {
      checkInstance(context, view, incident);
    }
  }
}

function checkJob(context: ControlContext, view: ServiceView, incident: Incident): void {
  if (view.jobRun?.state === "completed") context.incidents.recover(incident.id, context.clock.now());
}

function checkInstance(context: ControlContext, view: ServiceView, incident: Incident): void {
  const { ordinal } = incident.subject;
  const current = currentInstances(view);
  const holder =
    ordinal === undefined
      ? current[0]
      : view.instances.find((instance) => instance.ordinal === ordinal && instance.phase !== "exited");
  if (holder === undefined) {
    const isAwaited = view.slots.some((slot) => slot.ordinal === ordinal && slot.handle !== undefined);
    const isFull = current.length >= (view.spec?.replicas ?? 0);
    if (!isAwaited && isFull) context.incidents.close(incident.id, composeText("action.place-taken"));
    return;
  }
  if (holder.phase !== "ready" || holder.readyAt === undefined) return;
  const goodSince = Math.max(
    holder.readyAt,
    incident.began.firstBad,
    holder.lastBadAt === undefined ? 0 : holder.lastBadAt + 1,
  );
  if (context.clock.now() - goodSince >= incident.goodWindowMs) context.incidents.recover(incident.id, goodSince);
}
