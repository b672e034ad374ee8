// The class of a call in an engine's own words: a number of which vLLM takes the lower first and SGLang the higher. Only where the manifest says
// that the engine runs with priorities; others refuse the field. Normal is 0, which is what calls without the field have.
import { PRIORITIES } from "@flyball/core";
import { priorityOf } from "../stages/priority-of.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { ModelCall } from "./model-call.ts";

const NORMAL = PRIORITIES.indexOf("normal");

/** JSON text of the field; undefined: it is left alone, as the client wrote it. */
export function enginePriority({ exchange, face }: ModelCall, { priorityOrder }: ServingBackend): string | undefined {
  if (priorityOrder === undefined || face.output !== "text" || face.isForm) return undefined;
  const above = priorityOf(exchange) - NORMAL;
  return String(priorityOrder === "higher-first" ? above : 0 - above);
}
