// Which backends a call may be sent to, in the order in which they are tried.
import type { ServingBackend } from "../worker/serving-state.ts";
import type { ModelCall } from "./model-call.ts";

/** The model's own backends, then those of its fallbacks. */
export function planCandidates({ model, exchange }: ModelCall): readonly ServingBackend[] {
  if (model.fallbacks.length === 0) return model.backends;
  const { models } = exchange.serving;
  return [model.backends, ...model.fallbacks.map((name) => models.get(name)?.backends ?? [])].flat();
}
