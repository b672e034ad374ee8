// The difference of desired and observed as the next actions. Pure and level-triggered: it looks at how things are, never at how they
// came to be, so a restart of control in the middle of anything goes on where things stand.
//
// A service is replaced start-first: new instances start beside the old ones (at most half of the replicas more at a time), and an old
// one makes way only when a new one is ready. A service that cannot run beside its replacement (stateful, a fixed port) ends first.
import type { ComposedText } from "@flyball/core";
import type { Instance } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { runningOfHash } from "../observe/instance-table.ts";
import { missingInstances, waitingSlots } from "./missing-instances.ts";
import { currentInstances, outdatedInstances, type ServiceView } from "./service-view.ts";
import { wantedInstances } from "./wanted-instances.ts";

/** One thing to do now. */
export type Action =
  /** Bring the instances of the desired hash to `replicas`. */
  | { readonly kind: "apply"; readonly service: string; readonly replicas: number; readonly reason: string }
  /** Start the slot's instance again (stopping it first when it still runs). */
  | {
      readonly kind: "restart";
      readonly service: string;
      readonly ordinal: number;
      readonly handle: string;
      readonly reason: ComposedText;
    }
  /** Take it out of the gateway and let it finish. */
  | { readonly kind: "drain"; readonly handle: string; readonly reason: string }
  /** The same with an instance of a lower class, for room for another service. */
  | { readonly kind: "preempt"; readonly handle: string; readonly service: string; readonly reason: ComposedText }
  | { readonly kind: "stop"; readonly handle: string; readonly reason: string }
  /** An exited instance that nothing waits for any more. */
  | { readonly kind: "forget"; readonly handle: string };

/** How long a draining instance may finish its requests. */
export interface DrainRules {
  readonly drainLimitMs: number;
  /** Pools of the service that the gateway serves; empty: nothing to drain. */
  poolsOf(service: string): readonly string[];
  /** false: no gateway reports, so only the time limit is known. */
  readonly isGatewayConnected: boolean;
  /** The gateway would not take what comes after it: the instance goes on, whatever the desired state says. */
  isHeld(handle: string): boolean;
}

/** The next actions for one service. */
export function nextActions(view: ServiceView, now: number, rules: DrainRules): readonly Action[] {
  const actions = [
    ...stopDrained(view, now, rules),
    ...forgetExited(view),
    ...(view.spec?.kind === "job" ? jobActions(view, now) : serviceActions(view, now)),
    ...preemptActions(view),
  ];
  return actions.filter((action) => !(isEnding(action) && rules.isHeld(action.handle)));
}

function isEnding(action: Action): action is Extract<Action, { kind: "drain" | "preempt" | "stop" }> {
  return action.kind === "drain" || action.kind === "preempt" || action.kind === "stop";
}

function preemptActions({ service, room }: ServiceView): readonly Action[] {
  return (room?.victims ?? []).map((handle) => ({ kind: "preempt", handle, service, reason: room!.reason }));
}

function serviceActions(view: ServiceView, now: number): readonly Action[] {
  const replicas = view.desiredHash === undefined || view.spec === undefined ? 0 : wantedInstances(view.spec);
  const current = currentInstances(view);
  const outdated = outdatedInstances(view);
  const actions: Action[] = [];
  actions.push(...restartActions(view, now));
  const missing = missingInstances(view);
  if (missing > 0 && mayStart(view, now)) {
    const isRoomless = view.room !== undefined && view.room.fits === 0;
    actions.push(...(isRoomless ? makeRoom(view) : applyAction(view, { missing, current, outdated, replicas })));
  }
  actions.push(...retireActions(view, { replicas, current, outdated }));
  return actions;
}

/** One old instance ends for its replacement, the next one when that is ready. */
function makeRoom(view: ServiceView): readonly Action[] {
  const isUnderWay = view.instances.some(({ phase }) => phase === "draining" || phase === "stopping");
  const isComing = currentInstances(view).some(({ phase }) => phase === "starting");
  const [old] = oldestFirst(outdatedInstances(view));
  if (view.room?.isReplacedInPlace !== true || old === undefined || isUnderWay || isComing) return [];
  return [{ kind: "drain", handle: old.handle, reason: "its replacement has room only in its place" }];
}

function applyAction(
  view: ServiceView,
  counts: { missing: number; current: readonly Instance[]; outdated: readonly Instance[]; replicas: number },
): readonly Action[] {
  const starting = counts.current.filter((instance) => instance.phase === "starting").length;
  const surge = counts.outdated.length === 0 ? counts.missing : Math.max(1, Math.ceil(counts.replicas / 2)) - starting;
  const more = Math.min(counts.missing, surge, view.room?.fits ?? counts.missing);
  if (more <= 0 || view.desiredHash === undefined) return [];
  const running = runningOfHash(view.instances, view.desiredHash).length;
  const reason =
    counts.outdated.length === 0 ? `${counts.missing} missing of ${counts.replicas}` : "replacement starts first";
  return [{ kind: "apply", service: view.service, replicas: running + more, reason }];
}

function retireActions(
  view: ServiceView,
  facts: { replicas: number; current: readonly Instance[]; outdated: readonly Instance[] },
): readonly Action[] {
  const { replicas, current, outdated } = facts;
  const retire = (instances: readonly Instance[], reason: string): readonly Action[] =>
    instances.map((instance) => ({ kind: "drain", handle: instance.handle, reason }));
  if (replicas === 0)
    return retire([...current, ...outdated], view.spec === undefined ? "not in the revision" : "scaled to 0");
  if (view.isStopFirst) {
    const isHeldBack = view.gate.kind !== "open";
    const surplusNow = current.length - replicas;
    return [
      ...(isHeldBack ? [] : retire(outdated, "it cannot run beside its replacement")),
      ...(surplusNow > 0 ? retire(leastUsefulFirst(current).slice(0, surplusNow), `scaled to ${replicas}`) : []),
    ];
  }
  const readyCurrent = current.filter((instance) => instance.phase === "ready").length;
  const readyOutdated = outdated.filter((instance) => instance.phase === "ready");
  const spare = Math.max(0, readyCurrent + readyOutdated.length - replicas);
  const broken = readyCurrent > 0 ? outdated.filter((instance) => instance.phase !== "ready") : [];
  const surplus = current.length - replicas;
  return [
    ...retire(broken, "replaced"),
    ...retire(oldestFirst(readyOutdated).slice(0, spare), "a ready instance took its place"),
    ...(surplus > 0 ? retire(leastUsefulFirst(current).slice(0, surplus), `scaled to ${replicas}`) : []),
  ];
}

function jobActions(view: ServiceView, now: number): readonly Action[] {
  const active = view.instances.filter((instance) => instance.phase !== "exited");
  if (view.desiredHash === undefined) {
    return active
      .filter((instance) => instance.phase !== "stopping")
      .map((instance) => ({ kind: "stop", handle: instance.handle, reason: "not in the revision" }));
  }
  if (view.jobRun !== undefined && view.jobRun.state !== "running") return [];
  const restarts = restartActions(view, now);
  if (restarts.length > 0 || view.jobRun !== undefined || waitingSlots(view).length > 0) return restarts;
  const stale = active.filter((instance) => instance.phase !== "stopping");
  if (stale.length > 0)
    return stale.map((instance) => ({ kind: "stop", handle: instance.handle, reason: "an earlier run of the job" }));
  if (active.length > 0 || !mayStart(view, now) || view.room !== undefined) return [];
  return [{ kind: "apply", service: view.service, replicas: 1, reason: "job of this revision" }];
}

function restartActions(view: ServiceView, now: number): readonly Action[] {
  if (view.isPaused || !mayStart(view, now)) return [];
  const slot = [...waitingSlots(view), ...unhealthySlots(view)].find(
    (candidate) => (candidate.restartAt ?? Infinity) <= now,
  );
  if (slot?.handle === undefined) return [];
  const { service, ordinal, handle } = slot;
  return [{ kind: "restart", service, ordinal, handle, reason: slot.reason ?? composeText("reason.restart") }];
}

function unhealthySlots(view: ServiceView): ServiceView["slots"] {
  return view.slots.filter((slot) => {
    const instance = view.instances.find((candidate) => candidate.handle === slot.handle);
    return instance !== undefined && slot.restartAt !== undefined && instance.phase !== "exited";
  });
}

function mayStart(view: ServiceView, now: number): boolean {
  return view.gate.kind === "open" && !view.isStarting && (view.startRetryAt ?? 0) <= now;
}

function stopDrained(view: ServiceView, now: number, rules: DrainRules): readonly Action[] {
  const pools = rules.poolsOf(view.service);
  return view.instances.flatMap((instance): Action[] => {
    if (instance.phase !== "draining" || instance.drainSince === undefined) return [];
    const isIdle = pools.every((pool) => instance.idlePools.has(pool));
    if (isIdle) return [{ kind: "stop", handle: instance.handle, reason: "drained" }];
    const limitMs = rules.isGatewayConnected ? rules.drainLimitMs : Math.min(rules.drainLimitMs, 5_000);
    if (now - instance.drainSince < limitMs) return [];
    return [{ kind: "stop", handle: instance.handle, reason: `not drained in ${limitMs} ms` }];
  });
}

function forgetExited(view: ServiceView): readonly Action[] {
  const awaited = new Set(waitingSlots(view).map((slot) => slot.handle));
  return view.instances
    .filter((instance) => instance.phase === "exited" && !awaited.has(instance.handle))
    .map((instance) => ({ kind: "forget", handle: instance.handle }));
}

function oldestFirst(instances: readonly Instance[]): readonly Instance[] {
  return instances.toSorted((a, b) => a.startedAt - b.startedAt);
}

function leastUsefulFirst(instances: readonly Instance[]): readonly Instance[] {
  const rank = ({ phase, isTakenIn }: Instance): number => (phase === "ready" ? 1 : 0) + (isTakenIn ? 1 : 0);
  return instances.toSorted((a, b) => rank(a) - rank(b) || b.ordinal - a.ordinal);
}
