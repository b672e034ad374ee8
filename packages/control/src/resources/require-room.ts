// A one-off of `flyball run` waits for nothing: there is room for what its service reserves now, or it is refused.
import { FlyballError, type ServiceSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { buildViews } from "../reconcile/build-views.ts";
import { amountsOf, isNothing } from "./amounts.ts";
import { assignRoom } from "./assign-room.ts";
import { namesOf, shortageDetails } from "./describe-room.ts";
import { holdersOf, rankOf } from "./grant-room.ts";

/** Throws FB_CONTROL_NO_ROOM. */
export function requireRoom(context: ControlContext, { name, resources }: ServiceSpec): void {
  const { machine } = context.state.room;
  const each = amountsOf(resources.reservations);
  if (machine === undefined || isNothing(each)) return;
  const claim = { service: name, rank: rankOf(resources), each, missing: 1, preempts: false };
  const { shortage } = assignRoom(machine, holdersOf(context, buildViews(context)), [claim]).grants.get(name) ?? {};
  if (shortage === undefined) return;
  const details = { service: name, ...shortageDetails(shortage), holders: namesOf(shortage.holders) };
  throw new FlyballError("FB_CONTROL_NO_ROOM", details);
}
