// Which incident an instance belongs to: that of its place, or the one that it was started for in another place.
import type { Incident } from "@flyball/core";
import type { Instance } from "../observe/instance.ts";

/** Whether the instance stands in the incident's place, or takes the place of what was replaced in it. */
export function isAboutPlace(incident: Incident, { service, ordinal, startedAt }: Instance): boolean {
  if (incident.subject.service !== service) return false;
  return incident.subject.ordinal === ordinal || startedAt >= replacedAt(incident);
}

/** When the incident's instance was given up for another; never: Infinity. */
export function replacedAt({ actions }: Incident): number {
  const done = actions.findLast(
    ({ rung, isAdvice }) =>
      isAdvice !== true && (rung === "replace" || rung === "move" || rung === "scale" || rung === "roll-back"),
  );
  return done?.at ?? Number.POSITIVE_INFINITY;
}
