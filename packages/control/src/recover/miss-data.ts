// Requests stopped before they could show that a fault is over. That is a state of its own: the incident is marked, says it, and climbs no further. When half
// an hour has brought too few of them it ends without recovery, for nobody will know; what fails afterwards is a new incident.
import type { Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { composeText } from "../texts/compose-text.ts";

/** An incident without news ends after this time. */
export const NO_DATA_MS = 1_800_000;

/** Marks it, or ends it. `since`: when the last sign of the fault was. */
export function missData(
  { incidents, clock }: ControlContext,
  { id, dataMissingSince, evidence }: Incident,
  {
    name,
    ...known
  }: { readonly name: string; readonly answered: number; readonly needed: number; readonly since: number },
): void {
  const { since, answered, needed } = known;
  const now = clock.now();
  if (now - since >= NO_DATA_MS) {
    incidents.close(id, composeText("action.no-data", { answered, needed, minutes: NO_DATA_MS / 60_000 }));
    return;
  }
  if (dataMissingSince !== since) incidents.update(id, (incident) => ({ ...incident, dataMissingSince: since }));
  // Said once until something else is seen.
  const text = composeText("requests.unknown", { instance: name, answered, needed });
  if (evidence.at(-1)?.composed?.text?.key !== text.key) incidents.note(id, { source: "gateway", text });
}
