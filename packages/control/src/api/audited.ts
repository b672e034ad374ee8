// A control that writes into each entry of the audit trail what a person did to cause it: the command line that was typed, or the call of
// the API that came without one. What control does by itself has none.
import type { ControlContext } from "../control-context.ts";

/** The same control for one request. */
export function auditedBy(context: ControlContext, command: string): ControlContext {
  const { store } = context;
  const audit: typeof store.audit = {
    ...store.audit,
    append: (entry, at) => store.audit.append({ ...entry, command }, at),
  };
  return { ...context, store: { ...store, audit } };
}
