// Whether a stream may go on at another backend when it is cut. Only where the rest of the answer is certain to fit: one answer of plain
// text, not bound to a tool, a grammar, log probabilities or state at its provider.
import type { ModelCall } from "../model-call.ts";

/** What goes on from a longer call has to read it once more, in the middle of the event loop. */
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_VALUES = 16_384;

/** Asked once, when the call begins: what is delivered is kept only for calls that may need it. */
export function mayResume({ model, scan, face, body }: ModelCall): boolean {
  if (body.length > MOST_BYTES || scan.values > MOST_VALUES) return false;
  return model.isResumed && face.isTranslatable && scan.isResumable;
}
