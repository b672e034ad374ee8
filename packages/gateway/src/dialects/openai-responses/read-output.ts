// The items of a response's output in the normal form.
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalAnswer, NormalEnd } from "../normal-form/normal-answer.ts";
import { packSignature } from "./reasoning-signature.ts";

/** Its parts. Items of the provider's own tools, which no translated call can ask for, are left out. */
export function readOutput(output: unknown): NormalAnswer["parts"] {
  return asList(output).flatMap((item) => readItem(asObject(item) ?? {}));
}

function readItem(item: JsonObject): NormalAnswer["parts"] {
  switch (item["type"]) {
    case "message":
      return asList(item["content"]).flatMap((part) => readContent(asObject(part) ?? {}));
    case "reasoning": {
      const signature = packSignature(asText(item["id"]) ?? "", asText(item["encrypted_content"]));
      const text = reasoningTexts(item).join("\n\n");
      return text === "" && signature === undefined ? [] : [{ kind: "thinking", text, signature }];
    }
    case "function_call": {
      const { call_id: id, name, arguments: written } = item;
      return [
        { kind: "tool-call", id: asText(id) ?? "", name: asText(name) ?? "", argumentsText: asText(written) || "{}" },
      ];
    }
    default:
      return [];
  }
}

function readContent(part: JsonObject): NormalAnswer["parts"] {
  if (part["type"] === "refusal") return [{ kind: "text", text: asText(part["refusal"]) ?? "", isRefusal: true }];
  const text = asText(part["text"]);
  return text === undefined ? [] : [{ kind: "text", text }];
}

/** The summary, or where a provider shows it the reasoning itself. */
export function reasoningTexts(item: JsonObject): readonly string[] {
  const summary = asList(item["summary"]);
  const list = summary.length > 0 ? summary : asList(item["content"]);
  return list.map((part) => asText(asObject(part)?.["text"]) ?? "").filter((text) => text !== "");
}

/** Why a response ended; undefined when its state is no end of an answer. */
export function readEnd(
  response: JsonObject,
  facts: { hasToolCalls: boolean; hasRefusal: boolean },
): NormalEnd | undefined {
  const { status } = response;
  if (status === "incomplete") {
    const reason = asObject(response["incomplete_details"])?.["reason"];
    if (reason === "max_output_tokens") return "length";
    return reason === "content_filter" ? "refused" : undefined;
  }
  if (status !== "completed" && status !== undefined) return undefined;
  if (facts.hasToolCalls) return "tool-calls";
  return facts.hasRefusal ? "refused" : "stop";
}
