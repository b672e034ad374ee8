// What tells the length of a call's answer before it is asked: who asks, for what, in which shape. Names only; no text is kept.
import type { RequestTraits } from "@flyball/traffic";
import type { ModelCall } from "../calls/model-call.ts";
import { promptHash } from "./prompt-hash.ts";

/** The traits of a call whose prompt has so many tokens. */
export function callTraits({ exchange, route, model, body, scan }: ModelCall, inputTokens: number): RequestTraits {
  const { maxTokens, choices } = scan;
  const isBounded = maxTokens !== undefined && maxTokens >= 1;
  return {
    key: exchange.key?.id ?? "",
    model: model.name,
    route: route.id,
    shape: shapeOf(scan),
    promptHash: promptHash(body, scan),
    inputTokens,
    maxOutputTokens: isBounded ? Math.ceil(maxTokens * choices) : undefined,
  };
}

/** Tools are called in few words, a schema bounds what is said, several answers are as many times as long. */
function shapeOf({ hasTools, hasOutputGrammar, choices }: ModelCall["scan"]): string {
  const kind = hasTools ? (hasOutputGrammar ? "tools+schema" : "tools") : hasOutputGrammar ? "schema" : "";
  return choices > 1 ? `${kind}×${choices}` : kind;
}
