// A whole chat completion in the normal form.
import type { Translated } from "../dialect.ts";
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import { needObject, translated } from "../translated.ts";
import { contentPieces, reasoningText } from "./content-pieces.ts";
import { normalEnd } from "./finish-reason.ts";
import { readChatUsage } from "./usage.ts";

/** Reads its first choice. */
export function readChatAnswer(body: unknown): Translated<NormalAnswer> {
  return translated(() => {
    const answer = needObject(body, "the answer");
    const choice = needObject(asList(answer["choices"])[0], "choices[0]");
    const message = needObject(choice["message"], "choices[0].message");
    const id = asText(answer["id"]) ?? "";
    const parts = readParts(message, id);
    const stopSequence = asText(choice["stop_reason"]);
    const hasToolCalls = parts.some((part) => part.kind === "tool-call");
    const hasRefusal = parts.some((part) => part.kind === "text" && part.isRefusal);
    return {
      id,
      model: asText(answer["model"]) ?? "",
      parts,
      end: normalEnd(asText(choice["finish_reason"]) ?? "stop", { hasToolCalls, hasRefusal, stopSequence }),
      stopSequence,
      usage: readChatUsage(answer),
    };
  });
}

function readParts(message: JsonObject, id: string): NormalAnswer["parts"] {
  const parts: NormalAnswer["parts"][number][] = [];
  const reasoning = reasoningText(message);
  if (reasoning !== "") parts.push({ kind: "thinking", text: reasoning, signature: undefined });
  for (const { kind, text } of contentPieces(message["content"])) {
    if (text === "") continue;
    if (kind === "thinking") parts.push({ kind, text, signature: undefined });
    else parts.push({ kind: "text", text, ...(kind === "refusal" ? { isRefusal: true } : {}) });
  }
  const refusal = asText(message["refusal"]);
  if (refusal) parts.push({ kind: "text", text: refusal, isRefusal: true });
  for (const [index, item] of asList(message["tool_calls"]).entries()) {
    const call = asObject(item) ?? {};
    const fn = asObject(call["function"]) ?? {};
    const written = fn["arguments"];
    parts.push({
      kind: "tool-call",
      id: asText(call["id"]) || `call_${id}_${index}`,
      name: asText(fn["name"]) ?? "",
      argumentsText: typeof written === "string" ? written : JSON.stringify(written ?? {}),
    });
  }
  return parts;
}
