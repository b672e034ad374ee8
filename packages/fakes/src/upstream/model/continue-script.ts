// A model that is asked to go on from the text so far says the rest of its script: vLLM's and SGLang's `continue_final_message`, or an
// assistant message at the end of an Anthropic conversation.
import type { ModelBehaviour } from "./model-behaviour.ts";
import { scriptText } from "./model-behaviour.ts";
import type { ModelRequest } from "./script-dialect.ts";

/** The script without what the last assistant message holds already; the whole script when there is none or it is another text. */
export function continueScript(behaviour: ModelBehaviour, request: ModelRequest): ModelBehaviour {
  const said = saidSoFar(request);
  const text = scriptText(behaviour.parts, "text");
  if (said === undefined || !text.startsWith(said)) return behaviour;
  let left = said.length;
  const pieces = behaviour.parts
    .flatMap((part) => (part.kind === "text" ? part.pieces : []))
    .flatMap((piece) => {
      const rest = piece.slice(left);
      left = Math.max(0, left - piece.length);
      return rest === "" ? [] : [rest];
    });
  return { ...behaviour, parts: [{ kind: "text", pieces }] };
}

function saidSoFar(request: ModelRequest): string | undefined {
  const messages = request["messages"];
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (last === null || typeof last !== "object" || !("role" in last) || last.role !== "assistant") return undefined;
  if (!("content" in last) || typeof last.content !== "string") return undefined;
  return last.content;
}
