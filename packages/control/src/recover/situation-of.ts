// Gathers what the guards look at, for one incident and one rung.
import { DEFAULT_MOST_PER_HOUR, HEALING_RUNGS, type HealingRung, type Incident, type Rung } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { revisionToGoBackTo } from "../desired/reached-revisions.ts";
import { endOfWindow } from "../decide/maintenance-window.ts";
import type { Situation } from "../decide/situation.ts";
import { WHOLE_APP } from "../detect/mass-loss.ts";
import { appTimeZone } from "../ledger/app-time-zone.ts";
import { isActive, type Instance } from "../observe/instance.ts";
import { currentInstances, outdatedInstances, type ServiceView } from "../reconcile/service-view.ts";
import { grantRoom, roomFor } from "../resources/grant-room.ts";
import { replicasField } from "../desired/effective-spec.ts";
import { ejectedHandles } from "./ejected-handles.ts";

/** Who writes what healing changes of the desired state. */
export const HEALING_ACTOR = "healing";

/** A fault that began later after the revision was written is not laid to it. */
const OF_REVISION_MS = 1_800_000;
/** Somebody who got no good answer for so long, while others were refused, is served no more. */
const SERVED_MS = 5_000;

/** Rungs that are done for a service without asking: all for the app's own services unless the manifest says less. */
export function allowedRungs(context: ControlContext, service: string): ReadonlySet<HealingRung> {
  const spec = context.effective()?.spec;
  return new Set(spec?.services[service]?.healing?.act ?? spec?.healing?.act ?? HEALING_RUNGS);
}

/** The situation of an incident before a rung. */
export function situationOf(
  context: ControlContext,
  facts: {
    readonly incident: Incident;
    readonly rung: Rung;
    readonly views: readonly ServiceView[];
  },
): Situation {
  const { incident, rung, views } = facts;
  const { state, clock } = context;
  const { service, ordinal } = incident.subject;
  const view = views.find((candidate) => candidate.service === service);
  const spec = context.effective()?.spec;
  const now = clock.now();
  const victim = victimOf(context, incident);
  const ejected = ejectedHandles(context);
  const current = view === undefined ? [] : currentInstances(view);
  const serving = current.filter((instance) => isServing(instance, ejected, now)).length;
  const windowEndsAt = endOfWindow(spec?.healing?.windows ?? [], now, appTimeZone(state.revision));
  const rollBackTo = rollBackTarget(context, incident, serving);
  const hasSelfProof = incident.class === "frozen" || incident.class === "engine-stalled";
  return {
    now,
    rung,
    service,
    ...(ordinal === undefined ? {} : { ordinal }),
    kind: view?.spec === undefined ? "unknown" : view.spec.external === undefined ? view.spec.kind : "external",
    allowed: allowedRungs(context, service),
    isPaused: view?.isPaused ?? false,
    ...(windowEndsAt === undefined ? {} : { windowEndsAt }),
    replicas: view?.spec?.replicas ?? 0,
    serving,
    hasVictim: victim !== undefined,
    isVictimServing: victim !== undefined && !hasSelfProof && isServing(victim, ejected, now),
    isVictimUnhealthy: victim?.phase === "unhealthy",
    isStopFirst: view?.isStopFirst ?? false,
    // A roll-back is what ends the exchange that goes on.
    isActionUnderWay: rung !== "roll-back" && view !== undefined && isMoving(view, victim),
    done: state.healing.done,
    mostPerHour: spec?.healing?.mostPerHour ?? DEFAULT_MOST_PER_HOUR,
    ...(state.healing.doubtUntil > now ? { doubtUntil: state.healing.doubtUntil } : {}),
    isMassLoss: context.incidents.find({ service: WHOLE_APP }) !== undefined,
    canMove: spec?.target.type === "swarm" || spec?.target.type === "kubernetes",
    canScale: rung === "scale" && view !== undefined && hasRoomForMore(context, view, views),
    ...(rollBackTo === undefined ? {} : { rollBackTo }),
  };
}

/** The instance that an incident is about, while it lives. */
export function victimOf({ state }: ControlContext, { subject }: Incident): Instance | undefined {
  if (subject.ordinal === undefined) return undefined;
  return state.table.of(subject.service).find((one) => one.ordinal === subject.ordinal && isActive(one));
}

function isServing(instance: Instance, ejected: ReadonlySet<string>, now: number): boolean {
  if (instance.phase !== "ready" || ejected.has(instance.handle) || instance.isEjectedByGateway) return false;
  const { lastBadAt, lastGoodAt } = instance;
  const isRefusing = lastBadAt !== undefined && (lastGoodAt ?? 0) < Math.min(lastBadAt, now - SERVED_MS);
  return !isRefusing;
}

/** Something of the service is being exchanged. The victim's own start is not meant: that is what may have gone wrong. */
function isMoving(view: ServiceView, victim: Instance | undefined): boolean {
  const isChanging = view.instances.some(
    (instance) =>
      instance !== victim &&
      (instance.phase === "draining" ||
        instance.phase === "stopping" ||
        (instance.phase === "starting" && instance.specHash === view.desiredHash)),
  );
  const isDue = view.slots.some(
    ({ handle, restartAt }) =>
      restartAt !== undefined && view.instances.some((one) => one !== victim && one.handle === handle && isActive(one)),
  );
  return view.isStarting || outdatedInstances(view).length > 0 || isChanging || isDue;
}

function hasRoomForMore(context: ControlContext, view: ServiceView, views: readonly ServiceView[]): boolean {
  const { spec } = view;
  if (spec === undefined || spec.scale !== undefined || spec.replicas === 0 || view.isStopFirst) return false;
  const field = replicasField(spec.name);
  if (context.state.overrides.some((one) => one.field === field)) return false;
  return roomFor(grantRoom(context, views), view) > 0;
}

/** The revision that would be brought back: the fault is of this one, it changed the service, and an earlier one was reached. */
function rollBackTarget(context: ControlContext, incident: Incident, serving: number): number | undefined {
  const { state, store, settings, clock } = context;
  const { revision } = state;
  if (revision === undefined || revision.author === HEALING_ACTOR) return undefined;
  const { began, subject, class: kind, detectedAt } = incident;
  const isOfWhole = kind === "bad-release" || subject.ordinal === undefined || serving === 0;
  const isOfRevision =
    began.firstBad >= revision.createdAt &&
    detectedAt - revision.createdAt <= OF_REVISION_MS &&
    clock.now() - revision.createdAt <= 2 * OF_REVISION_MS;
  if (!isOfWhole || !isOfRevision) return undefined;
  const target = revisionToGoBackTo(store, revision);
  const before = target?.spec.services[subject.service];
  const now = revision.spec.services[subject.service];
  if (target === undefined || before === undefined || now === undefined) return undefined;
  const hashOf = (spec: typeof target.spec, service: typeof now): string | undefined =>
    workloadOf(spec, service, settings)?.specHash;
  return hashOf(target.spec, before) === hashOf(revision.spec, now) ? undefined : target.number;
}
