// From the views of a pass to who has room: holders are all instances that live or are due for a restart, claims are the instances that
// services and jobs still lack. A service without a reservation takes part in nothing.
import { PRIORITIES, type ResourcesSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { instanceName, isAlive, isOneOff, type Instance } from "../observe/instance.ts";
import { missingInstances, waitingSlots } from "../reconcile/missing-instances.ts";
import { outdatedInstances, type ServiceView } from "../reconcile/service-view.ts";
import { amountsOf, countFits, isNothing, plus, type Amounts } from "./amounts.ts";
import { assignRoom, type RoomAssignment, type RoomClaim, type RoomHolder } from "./assign-room.ts";

/** Room for this pass; undefined: nobody reserves anything, or the machine's size is not known. */
export interface GrantedRoom extends RoomAssignment {
  /** The rest: holders by the service that they belong to. */
  readonly holders: readonly RoomHolder[];
}

/** Grants it. `views` stand in start order, so of one class who is started first gets room first. */
export function grantRoom(context: ControlContext, views: readonly ServiceView[]): GrantedRoom | undefined {
  const { machine } = context.state.room;
  const reserves = ({ spec }: ServiceView): boolean =>
    spec !== undefined && !isNothing(amountsOf(spec.resources.reservations));
  if (machine === undefined || !views.some(reserves)) return undefined;
  const holders = holdersOf(context, views);
  const claims = views.flatMap((view) => (reserves(view) ? claimOf(context, view) : []));
  return {
    ...assignRoom(
      machine,
      holders,
      claims.toSorted((a, b) => b.rank - a.rank),
    ),
    holders,
  };
}

/** How many more instances of a service there is room for, after everybody who lacks some. */
export function roomFor(granted: GrantedRoom | undefined, view: ServiceView): number {
  if (granted === undefined || view.spec === undefined) return Number.POSITIVE_INFINITY;
  if (granted.grants.get(view.service)?.shortage !== undefined) return 0;
  return countFits(granted.left, amountsOf(view.spec.resources.reservations));
}

/** Whether a start-first replacement does not fit, but would in the place of what it replaces. */
export function fitsInPlace(granted: RoomAssignment, view: ServiceView, reserved: (of: Instance) => Amounts): boolean {
  const shortage = granted.grants.get(view.service)?.shortage;
  const [old] = outdatedInstances(view);
  return (
    shortage !== undefined && old !== undefined && countFits(plus(shortage.free, reserved(old)), shortage.each) > 0
  );
}

/** Index of a service's class; the higher ones come first. */
export function rankOf({ priority = "normal" }: Pick<ResourcesSpec, "priority">): number {
  return PRIORITIES.indexOf(priority);
}

/** What an instance reserves: as its own revision says. */
export function reservedBy(context: ControlContext, instance: Pick<Instance, "service" | "revision">): Amounts {
  const { room, revision } = context.state;
  const service = ownerOf(instance.service);
  const key = `${instance.revision}/${service}`;
  const known = room.reserved.get(key);
  if (known !== undefined) return known;
  const spec =
    revision?.number === instance.revision ? revision.spec : context.store.revisions.get(instance.revision)?.spec;
  const amounts = amountsOf(spec?.services[service]?.resources.reservations ?? {});
  if (room.reserved.size >= 500) room.reserved.clear();
  room.reserved.set(key, amounts);
  return amounts;
}

/** A one-off belongs to the service whose environment it has. */
function ownerOf(service: string): string {
  return service.split("@")[0] ?? service;
}

/** Everybody who has room, or will have it in a moment. */
export function holdersOf(context: ControlContext, views: readonly ServiceView[]): readonly RoomHolder[] {
  const byName = new Map(views.map((view) => [view.service, view]));
  const { table } = context.state;
  const alive = table.all().filter(isAlive);
  const living = alive.map((instance): RoomHolder => {
    const view = byName.get(ownerOf(instance.service));
    const kind = view?.spec?.kind;
    const isOnItsWay = instance.phase === "draining" || instance.phase === "stopping";
    const endsByItself = isOneOff(instance.service) || kind === "job" || view?.desiredHash === undefined;
    const isLeaving = isOnItsWay || endsByItself;
    return {
      instance: instanceName(instance),
      handle: instance.handle,
      rank: rankOf(view?.spec?.resources ?? {}),
      amounts: reservedBy(context, instance),
      isLeaving,
      mayMakeWay: kind === "service" && !isLeaving && view !== undefined && !view.isPaused,
    };
  });
  return [...living, ...views.flatMap((view) => comingOf(context, view))].filter(({ amounts }) => !isNothing(amounts));
}

/** Instances that are being started and not known yet, and places that wait for their restart. */
function comingOf(context: ControlContext, view: ServiceView): readonly RoomHolder[] {
  const { spec } = view;
  if (spec === undefined) return [];
  const running = view.instances.filter((instance) => isAlive(instance) && instance.specHash === view.desiredHash);
  const starting = Math.max(0, (context.state.room.startTargets.get(view.service) ?? 0) - running.length);
  const holder: RoomHolder = {
    instance: view.service,
    rank: rankOf(spec.resources),
    amounts: amountsOf(spec.resources.reservations),
    isLeaving: spec.kind === "job",
    mayMakeWay: false,
  };
  return Array.from({ length: starting + waitingSlots(view).length }, () => holder);
}

function claimOf(context: ControlContext, view: ServiceView): readonly RoomClaim[] {
  const { spec, service } = view;
  const missing = missingInstances(view);
  const isHeldBack = view.gate.kind !== "open" || view.isStarting || (view.startRetryAt ?? 0) > context.clock.now();
  if (spec === undefined || missing === 0 || isHeldBack) return [];
  const { reservations, preempts = false } = spec.resources;
  const each = amountsOf(reservations);
  return [{ service, rank: rankOf(spec.resources), each, missing, preempts: preempts && !view.isPaused }];
}
