// A whole Anthropic message in the normal form.
import type { Translated } from "../dialect.ts";
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import { writeJson } from "../raw-json.ts";
import { needObject, translated } from "../translated.ts";
import { ANSWER_TOOL } from "./answer-tool.ts";
import { normalEnd } from "./stop-reason.ts";
import { readAnthropicUsage } from "./usage.ts";

/** Reads it. Blocks of the provider's own tools, which no translated call can ask for, are left out. */
export function readAnthropicAnswer(body: unknown): Translated<NormalAnswer> {
  return translated(() => {
    const answer = needObject(body, "the answer");
    const parts = asList(answer["content"]).flatMap((block) => readBlock(asObject(block) ?? {}));
    const hasToolCalls = parts.some((part) => part.kind === "tool-call");
    return {
      id: asText(answer["id"]) ?? "",
      model: asText(answer["model"]) ?? "",
      parts,
      end: normalEnd(asText(answer["stop_reason"]), hasToolCalls),
      stopSequence: asText(answer["stop_sequence"]),
      usage: readAnthropicUsage(answer),
    };
  });
}

function readBlock(block: JsonObject): NormalAnswer["parts"] {
  switch (block["type"]) {
    case "text":
      return [{ kind: "text", text: asText(block["text"]) ?? "" }];
    case "thinking":
      return [
        { kind: "thinking", text: asText(block["thinking"]) ?? "", signature: asText(block["signature"]) || undefined },
      ];
    case "redacted_thinking":
      return [{ kind: "thinking", text: "", signature: undefined, redacted: asText(block["data"]) ?? "" }];
    case "tool_use": {
      const argumentsText = writeJson(block["input"] ?? {});
      const name = asText(block["name"]) ?? "";
      if (name === ANSWER_TOOL) return [{ kind: "text", text: argumentsText }];
      return [{ kind: "tool-call", id: asText(block["id"]) ?? "", name, argumentsText }];
    }
    default:
      return [];
  }
}
