// Ends an incident that was opened a moment too early: what was seen turns out to be a part of something else. A restart that is due for it is called
// off. One that has been acted upon, or is older, stays what it is.
import type { ComposedText, Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { isActive } from "../observe/instance.ts";
import { endWaiting } from "../observe/slot.ts";

const EARLY_MS = 15_000;

/** Calls it off. */
export function callOff({ incidents, state, clock }: ControlContext, incident: Incident, reason: ComposedText): void {
  const { subject, actions, detectedAt, id } = incident;
  const isActedUpon = actions.some(({ rung, action }) => rung === "replace" || action === "restarted");
  if (isActedUpon || clock.now() - detectedAt > EARLY_MS) return;
  for (const instance of state.table.of(subject.service)) {
    if (!isActive(instance) || (subject.ordinal !== undefined && instance.ordinal !== subject.ordinal)) continue;
    const slot = state.table.slot(instance.service, instance.ordinal);
    if (slot.handle === instance.handle && slot.lostTo === undefined) endWaiting(slot);
  }
  incidents.close(id, reason);
}
