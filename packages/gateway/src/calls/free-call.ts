// Gives the memory of a call's long bodies back by hand, when its answer is out and no connection reads them any more.
import { freeBytes } from "../body/collect-body.ts";
import type { ModelCall } from "./model-call.ts";

/** Frees them; where somebody may still read them, the collector does it in its time. */
export function freeCall({ body, written, bodyReaders }: ModelCall): void {
  if (bodyReaders > 0) return;
  freeBytes(body);
  if (written?.request.kind === "translated") freeBytes(written.request.value.body);
}
