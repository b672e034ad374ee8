// Ends incidents. Recovery is the start of the first good window of the incident's own subject: its place is ready, the gateway saw no bad
// request there for the whole window, and where requests were the fault it saw good ones. A place that is no longer wanted ends its
// incident without recovery.
import type { ComposedText, Incident } from "@flyball/core";
import { acquitFailures } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { instanceName } from "../observe/instance.ts";
import { currentInstances, type ServiceView } from "../reconcile/service-view.ts";
import { composeText } from "../texts/compose-text.ts";
import { goodWindow } from "./good-window.ts";

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
  const failures = context.state.requestFailures.get(holder.handle);
  const { firstBad } = incident.began;
  const { readyAt, lastBadAt } = holder;
  const isAboutRequests = incident.class === "failed-requests" || failures?.isFault === true;
  const facts = { readyAt, firstBad, lastBadAt, isAboutRequests, failures, goodWindowMs: incident.goodWindowMs };
  const window = goodWindow(facts, context.clock.now());
  if (window.kind === "good") {
    context.incidents.recover(incident.id, window.since);
    if (failures !== undefined) acquitFailures(failures);
  } else if (window.kind === "unknown") {
    const { answered, needed } = window;
    sayUnknown(
      context,
      incident,
      composeText("requests.unknown", { instance: instanceName(holder), answered, needed }),
    );
  }
}

/** Said once until something else is seen; the incident stays open. */
function sayUnknown(context: ControlContext, incident: Incident, text: ComposedText): void {
  if (incident.evidence.at(-1)?.composed?.text?.key === text.key) return;
  context.incidents.note(incident.id, { source: "gateway", text });
}
