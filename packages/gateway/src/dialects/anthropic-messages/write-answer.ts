// A normal answer as a whole Anthropic message.
import { assertNever } from "@flyball/core";
import type { AnswerIdentity } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import { argumentsValue, writeJson } from "../raw-json.ts";
import { anthropicStopReason } from "./stop-reason.ts";
import { writeAnthropicUsage } from "./usage.ts";

/** Writes it. */
export function writeAnthropicAnswer(answer: NormalAnswer, { id, model }: AnswerIdentity): Buffer {
  return Buffer.from(
    writeJson({
      id,
      type: "message",
      role: "assistant",
      model,
      content: answer.parts.map(writeBlock),
      stop_reason: anthropicStopReason(answer.end),
      stop_sequence: answer.stopSequence ?? null,
      usage: writeAnthropicUsage(answer.usage),
    }),
  );
}

function writeBlock(part: NormalAnswer["parts"][number]): JsonObject {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "thinking":
      if (part.redacted !== undefined) return { type: "redacted_thinking", data: part.redacted };
      return { type: "thinking", thinking: part.text, signature: part.signature ?? "" };
    case "tool-call":
      return { type: "tool_use", id: part.id, name: part.name, input: argumentsValue(part.argumentsText) };
    default:
      return assertNever(part);
  }
}
