// Ends incidents of what others run: when its detector has seen nothing for the good window and requests were answered since, as of the last sign of the
// fault. There is no instance to look at, so requests are all that can show it.
import type { Incident } from "@flyball/core";
import { acquitFailures, goodAnswersNeeded } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { outsidePlaces } from "../detect/outside.ts";
import { composeText } from "../texts/compose-text.ts";
import { missData } from "./miss-data.ts";

/** Looks at one of them. */
export function checkOutside(context: ControlContext, incident: Incident): void {
  const { state, incidents, clock } = context;
  const { service, kind } = incident.subject;
  // Ended by whoever judges it.
  if (kind === "machine") return;
  const spec = context.effective()?.spec;
  const isWanted =
    spec !== undefined && [...outsidePlaces(spec).values()].some((place) => place.subject.service === service);
  if (!isWanted) {
    incidents.close(incident.id, composeText("action.not-desired"));
    return;
  }
  const record = state.outside.get(service);
  const { failures, lastGoodAt = 0, lastBadAt = 0 } = record ?? {};
  const since = Math.max(incident.detectedAt, state.healing.seenAt.get(incident.id) ?? 0, lastBadAt);
  if (clock.now() - since < incident.goodWindowMs) return;
  const answered = lastGoodAt > since ? Math.max(1, failures?.goodSinceBad ?? 0) : 0;
  const needed = incident.class === "failed-requests" ? goodAnswersNeeded(failures) : 1;
  if (answered < needed) {
    missData(context, incident, { name: service, answered, needed, since });
    return;
  }
  incidents.recover(incident.id, since);
  if (failures !== undefined) acquitFailures(failures);
}
