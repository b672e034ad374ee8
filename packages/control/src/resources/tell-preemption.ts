// An instance that is well makes way for a higher class. Nothing else tells why it ends, so it is said aloud and stands in the audit trail.
import type { ControlContext } from "../control-context.ts";
import { instanceName, isActive } from "../observe/instance.ts";
import type { Action } from "../reconcile/next-actions.ts";
import { composeText, textFields } from "../texts/compose-text.ts";

/** Tells it; false when the instance is on its way out already. */
export function tellPreemption(context: ControlContext, action: Extract<Action, { kind: "preempt" }>): boolean {
  const { store, clock, state } = context;
  const instance = state.table.find(action.handle);
  if (instance === undefined || !isActive(instance)) return false;
  const name = instanceName(instance);
  const { service, reason } = action;
  const texts = textFields({ reason: composeText("room.preempted", { service, reason }) });
  store.audit.append({ actor: "resources", action: "preempt", ...texts, difference: { instance: name } }, clock.now());
  context.emit({ event: "instance-preempted", instance: name, by: service, ...texts });
  return true;
}
