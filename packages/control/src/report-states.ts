// Tells people what changed: service and instance states, and whether the revision was reached or cannot be.
import { FlyballError, type ComposedText } from "@flyball/core";
import type { ControlContext } from "./control-context.ts";
import { noteReached } from "./desired/reached-revisions.ts";
import { instanceName, isOneOff } from "./observe/instance.ts";
import { instanceState, serviceState } from "./reconcile/service-state.ts";
import { currentInstances, outdatedInstances, type ServiceView } from "./reconcile/service-view.ts";
import { composeText, errorText, firstLineOf, reasonField, textFields } from "./texts/compose-text.ts";

/** Emits an event for each state that differs from what was told last, and settles the rollout. */
export function reportStates(context: ControlContext, views: readonly ServiceView[]): void {
  for (const view of views) {
    const { state, reason } = serviceState(view);
    if (isNews(context, `service ${view.service}`, state)) {
      // The first line: the whole reason, with the last output, comes with the instance that it is about.
      const sentence = reason && firstLineOf(reason);
      context.emit({ event: "service-state", service: view.service, state, ...reasonField(sentence) });
    }
  }
  for (const instance of context.state.table.all()) {
    if (isOneOff(instance.service)) continue;
    const { state, reason } = instanceState(instance, slotOf(context, instance.service, instance.ordinal));
    if (!isNews(context, `instance ${instance.handle}`, state)) continue;
    const pid = instance.pid === null ? {} : { pid: instance.pid };
    context.emit({
      event: "instance-state",
      instance: instanceName(instance),
      state,
      ...reasonField(reason),
      ...pid,
    });
  }
  forgetGone(context);
  settleRollout(context, views);
}

function slotOf(
  context: ControlContext,
  service: string,
  ordinal: number,
): ReturnType<ControlContext["state"]["table"]["slot"]> | undefined {
  return context.state.table.slotsOf(service).find((slot) => slot.ordinal === ordinal);
}

function isNews(context: ControlContext, key: string, state: string): boolean {
  if (context.state.publishedStates.get(key) === state) return false;
  context.state.publishedStates.set(key, state);
  return true;
}

function forgetGone(context: ControlContext): void {
  for (const key of context.state.publishedStates.keys()) {
    if (key.startsWith("instance ") && context.state.table.find(key.slice("instance ".length)) === undefined) {
      context.state.publishedStates.delete(key);
    }
  }
}

function settleRollout(context: ControlContext, views: readonly ServiceView[]): void {
  const { rollout } = context.state;
  if (rollout === undefined || rollout.state === "reached" || context.state.isStopping) return;
  const unreached = views.filter((view) => !isReached(view));
  if (unreached.length === 0 && isServed(context)) {
    rollout.state = "reached";
    noteReached(context.store, rollout.revision);
    delete rollout.failure;
    const tookMs = Math.round(context.clock.now() - rollout.startedAt);
    context.emit({ event: "revision-reached", revision: rollout.revision, tookMs });
    return;
  }
  const failure = refusalText(context) ?? unreached.map(failureOf).find((reason) => reason !== undefined);
  if (failure === undefined || rollout.state === "failed") return;
  rollout.state = "failed";
  rollout.failure = failure;
  context.emit({ event: "revision-failed", revision: rollout.revision, ...textFields({ reason: failure }) });
}

/** The newest snapshot was refused: nothing that is done now reaches the revision. */
function refusalText({ state }: ControlContext): ComposedText | undefined {
  const { refusal, snapshotVersion } = state;
  // Of an older snapshot: the verdict on this revision is still to come.
  if (refusal === undefined || refusal.snapshotVersion < snapshotVersion) return undefined;
  const { revision, reason } = refusal;
  const error = new FlyballError(refusal.code, { revision, reason });
  return composeText("error.with-hint", { sentence: errorText(error), hint: errorText(error, "hint") });
}

/** A gateway serves the newest snapshot: before that a client would meet the old state, or nobody. */
function isServed(context: ControlContext): boolean {
  return context.links.gateways().some((gateway) => gateway.snapshotVersion >= context.state.snapshotVersion);
}

function isReached(view: ServiceView): boolean {
  if (view.spec === undefined) return view.instances.every((instance) => instance.phase !== "ready");
  const { state } = serviceState(view);
  if (state === "stopped" || state === "completed") return true;
  if (view.spec.external !== undefined) return true;
  const ready = currentInstances(view).filter((instance) => instance.phase === "ready").length;
  return ready >= view.spec.replicas && outdatedInstances(view).length === 0;
}

/** Why this service keeps the revision from being reached; undefined while it may still come. */
function failureOf(view: ServiceView): ComposedText | undefined {
  if (view.startFailure !== undefined) return view.startFailure;
  if (view.gate.kind === "failed")
    return composeText("gate.service", { service: view.service, reason: view.gate.reason });
  // Nobody who holds the room ends by himself: waiting for it may last for ever.
  if (view.room?.comesFree === false)
    return composeText("gate.service", { service: view.service, reason: view.room.reason });
  const { state, reason } = serviceState(view);
  if (state === "failed" || state === "crash-loop" || state === "unhealthy") return reason;
  const slot = view.slots.find(({ handle, reason, isExcused }) => handle !== undefined && reason && !isExcused);
  return slot?.reason;
}
