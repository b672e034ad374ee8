// Whether a stream may go on at another backend when it is cut. Only where the rest of the answer is certain to fit: one answer of plain
// text, not bound to a tool, a grammar, log probabilities or state at its provider.
import type { ModelCall } from "../model-call.ts";

/** Asked once, when the call begins: what is delivered is kept only for calls that may need it. */
export function mayResume({ model, scan, face }: ModelCall): boolean {
  return model.isResumed && face.isTranslatable && scan.isResumable;
}
