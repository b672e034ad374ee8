// Ends incidents. Recovery is the start of the first good window of the incident's own subject: its place is ready, the gateway saw no bad
// request there for the whole window, and where requests were the fault it saw good ones. A place that is no longer wanted ends its
// incident without recovery.
import type { Incident } from "@flyball/core";
import { acquitFailures } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { WHOLE_APP } from "../detect/mass-loss.ts";
import { instanceName, type Instance } from "../observe/instance.ts";
import { currentInstances, type ServiceView } from "../reconcile/service-view.ts";
import { wantedInstances } from "../reconcile/wanted-instances.ts";
import { composeText } from "../texts/compose-text.ts";
import { checkOutside } from "./check-outside.ts";
import { goodWindow, type GoodWindow } from "./good-window.ts";
import { replacedAt } from "./is-about-place.ts";
import { missData } from "./miss-data.ts";

/** Looks at every open incident. */
export function checkRecoveries(context: ControlContext, views: readonly ServiceView[]): void {
  for (const incident of context.incidents.open()) {
    const view = views.find((candidate) => candidate.service === incident.subject.service);
    // Ended by whoever judges it.
    if (incident.subject.service === WHOLE_APP) continue;
    if (incident.subject.kind !== undefined || view?.spec?.external !== undefined) {
      checkOutside(context, incident);
    } else if (view?.desiredHash === undefined) {
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
  const replaced = replacedAt(incident);
  const successor = current.find(({ startedAt }) => startedAt >= replaced);
  const holder =
    ordinal === undefined
      ? current[0]
      : (view.instances.find((instance) => instance.ordinal === ordinal && instance.phase !== "exited") ?? successor);
  if (holder === undefined) {
    const isAwaited = view.slots.some((slot) => slot.ordinal === ordinal && slot.handle !== undefined);
    const isFull = current.length >= (view.spec === undefined ? 0 : wantedInstances(view.spec));
    if (!isAwaited && isFull) context.incidents.close(incident.id, composeText("action.place-taken"));
    return;
  }
  // Of a service as a whole the worst of its instances counts.
  const holders = ordinal === undefined ? current : [holder];
  const windows = holders.map((instance) => windowOf(context, incident, instance));
  if (windows.some((window) => window.kind === "not-yet")) return;
  if (windows.some((window) => window.kind === "proving")) {
    // It shows that it works: nothing more is done to it unless something bad is seen again.
    if (incident.state === "open")
      context.incidents.update(incident.id, ({ dataMissingSince: _missing, ...known }) => ({
        ...known,
        state: "recovering",
      }));
    return;
  }
  const unknown = windows.find((window) => window.kind === "unknown");
  if (unknown?.kind === "unknown") {
    const { answered, needed, since } = unknown;
    missData(context, incident, { name: instanceName(holder), answered, needed, since });
    return;
  }
  const since = windows.flatMap((window) =>
    typeof window === "object" && window.kind === "good" ? [window.since] : [],
  );
  context.incidents.recover(incident.id, Math.max(...since));
  for (const { handle } of holders) {
    const failures = context.state.requestFailures.get(handle);
    if (failures !== undefined) acquitFailures(failures);
  }
}

/** Faults that only requests can show: silence is no recovery of them. */
const OF_REQUESTS: ReadonlySet<Incident["class"]> = new Set([
  "failed-requests",
  "stuck-requests",
  "stuck-streams",
  "slow",
  "bad-output",
  "bad-release",
]);

function windowOf(context: ControlContext, incident: Incident, holder: Instance): GoodWindow {
  const { readyAt, lastGoodAt } = holder;
  if (holder.phase !== "ready" || readyAt === undefined) return { kind: "not-yet" };
  const failures = context.state.requestFailures.get(holder.handle);
  const seenAt = incident.class === "failed-requests" ? undefined : context.state.healing.seenAt.get(incident.id);
  // What a detector saw ends with good answers after it, not with its silence.
  const isOfDetector = OF_REQUESTS.has(incident.class) && seenAt !== undefined && readyAt < seenAt;
  if (isOfDetector && (lastGoodAt ?? 0) <= seenAt)
    return context.clock.now() - seenAt < incident.goodWindowMs
      ? { kind: "not-yet" }
      : { kind: "unknown", answered: 0, needed: 1, since: seenAt };
  const lastBadAt = Math.max(holder.lastBadAt ?? 0, readyAt < (seenAt ?? 0) ? (seenAt ?? 0) : 0);
  const facts = {
    readyAt,
    firstBad: incident.began.firstBad,
    lastBadAt: lastBadAt === 0 ? undefined : lastBadAt,
    isAboutRequests: incident.class === "failed-requests" || failures?.isFault === true,
    failures,
    goodWindowMs: incident.goodWindowMs,
  };
  return goodWindow(facts, context.clock.now());
}
