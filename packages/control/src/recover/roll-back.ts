// Brings the last revision back that was reached. The bad one is marked: it is not taken again by itself, from a file that still says it, but by a
// person (`flyball up`, `flyball rollback --to N`).
import type { Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { applyRevision } from "../desired/apply-revision.ts";
import { markBad } from "../desired/bad-revisions.ts";
import { revisionToGoBackTo } from "../desired/reached-revisions.ts";
import { composeText, errorText, textFields } from "../texts/compose-text.ts";
import { HEALING_ACTOR } from "./situation-of.ts";

/** Starts it beside the loop; a failure is written into the incident. */
export function rollBack(context: ControlContext, incident: Incident): void {
  const { state, store, incidents } = context;
  const { revision } = state;
  const target = revisionToGoBackTo(store, revision);
  if (revision === undefined || target === undefined) return;
  markBad(store, revision.hash);
  const reason = composeText("revision.healed", {
    revision: target.number,
    bad: revision.number,
    number: incident.number,
  });
  const request = { spec: target.spec, author: HEALING_ACTOR, ...textFields({ reason }) };
  void applyRevision(context, request).catch((error: unknown) =>
    incidents.note(incident.id, { source: "control", text: errorText(error) }),
  );
}
