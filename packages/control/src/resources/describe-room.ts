// Why an instance has no room, for people: what it needs, what is free, who would have to go.
import { FlyballError, type ComposedText } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import type { RoomView, ServiceView } from "../reconcile/service-view.ts";
import { composeText, errorText } from "../texts/compose-text.ts";
import { formatAmounts } from "./amounts.ts";
import type { RoomHolder, RoomShortage } from "./assign-room.ts";
import { fitsInPlace, reservedBy, type GrantedRoom } from "./grant-room.ts";

/** At most so many are named. */
const MOST_NAMED = 5;

/** What the reconciler is to know of a service's room; undefined: there is enough. */
export function roomViewOf(
  context: ControlContext,
  granted: GrantedRoom | undefined,
  view: ServiceView,
): RoomView | undefined {
  const grant = granted?.grants.get(view.service);
  if (granted === undefined || grant?.shortage === undefined) return undefined;
  const { shortage, fits } = grant;
  const isReplacedInPlace = fits === 0 && fitsInPlace(granted, view, (instance) => reservedBy(context, instance));
  return {
    fits,
    reason: describeShortage(view.service, shortage),
    comesFree: shortage.comesFree || shortage.victims.length > 0 || isReplacedInPlace,
    isReplacedInPlace,
    victims: shortage.victims.flatMap(({ handle }) => handle ?? []),
  };
}

/** The sentence. */
function describeShortage(service: string, shortage: RoomShortage): ComposedText {
  const { holders, victims, comesFree, keptFor } = shortage;
  const amounts = shortageDetails(shortage);
  if (victims.length > 0) return composeText("room.makes-way", { ...amounts, holders: namesOf(victims) });
  if (keptFor !== undefined) return composeText("room.kept", { ...amounts, service: keptFor });
  if (comesFree) return composeText("room.soon", { ...amounts, holders: namesOf(holders) });
  const details = { ...amounts, holders: namesOf(holders) };
  const hint = errorText(new FlyballError("FB_CONTROL_NO_ROOM", { service, ...details }), "hint");
  return composeText("error.with-hint", { sentence: composeText("room.short", details), hint });
}

/** What is needed and what is free. */
export function shortageDetails({ each, free }: RoomShortage): { readonly wanted: string; readonly free: string } {
  return { wanted: formatAmounts(each), free: formatAmounts(free, each) };
}

/** `llm/0 (8 GiB), retriever/1 (4 GiB)`. */
export function namesOf(holders: readonly RoomHolder[]): string {
  const names = holders.slice(0, MOST_NAMED).map(({ instance, amounts }) => `${instance} (${formatAmounts(amounts)})`);
  return names.join(", ") + (holders.length > MOST_NAMED ? ", …" : "");
}
