// The last look at a restart in an empty place before it is done: people may wish that nothing starts by itself. It is written into the incident once,
// and done as soon as the wish ends. Jobs follow their own policy, and what a person or a new revision asked for is nobody's guess.
import type { ControlContext } from "../control-context.ts";
import { allowedByManifest } from "../decide/guards/allowed-by-manifest.ts";
import { outsideMaintenance } from "../decide/guards/outside-maintenance.ts";
import type { Action } from "../reconcile/next-actions.ts";
import { situationOf } from "./situation-of.ts";

/** Whether the action may be done now. */
export function mayBegin(context: ControlContext, action: Action): boolean {
  if (action.kind !== "restart") return true;
  const incident = context.incidents.find({ service: action.service, ordinal: action.ordinal });
  const isEmpty = context.state.table.find(action.handle)?.phase === "exited";
  const serviceKind = context.effective()?.spec.services[action.service]?.kind;
  if (incident === undefined || !isEmpty || serviceKind === "job") return true;
  const situation = situationOf(context, { incident, rung: "restart", views: [] });
  const allowed = allowedByManifest(situation);
  const refusal = allowed.kind === "ok" ? outsideMaintenance(situation) : allowed;
  if (refusal.kind === "ok") return true;
  const last = incident.actions.at(-1);
  if (last?.isAdvice !== true || last.rung !== "restart") {
    context.incidents.act(incident.id, { action: "advise", reason: refusal.reason, rung: "restart", isAdvice: true });
  }
  return false;
}
