// Normal messages as the input items of a Responses call.
import { assertNever } from "@flyball/core";
import { writeDataUrl } from "../data-url.ts";
import type { JsonObject } from "../json-value.ts";
import type {
  NormalDocument,
  NormalImage,
  NormalMessage,
  NormalText,
  NormalThinking,
  NormalToolCall,
  NormalToolResult,
} from "../normal-form/normal-request.ts";
import { unpackSignature } from "./reasoning-signature.ts";

/** Writes them. */
export function writeInput(messages: readonly NormalMessage[]): JsonObject[] {
  return messages.flatMap(writeMessage);
}

function writeMessage(message: NormalMessage): JsonObject[] {
  switch (message.role) {
    case "system":
      return [{ role: "developer", content: message.parts.map(({ text }) => text).join("\n\n") }];
    case "user":
      return [{ role: "user", content: message.parts.map(writePart) }];
    case "assistant":
      return message.parts.flatMap(writeAssistantPart);
    case "tool":
      return message.results.map(writeResult);
    default:
      return assertNever(message);
  }
}

function writePart(part: NormalText | NormalImage | NormalDocument): JsonObject {
  if (part.kind === "text") return { type: "input_text", text: part.text };
  if (part.kind === "document") {
    return {
      type: "input_file",
      filename: part.name ?? "document",
      file_data: writeDataUrl(part.mediaType, part.base64),
    };
  }
  const { source } = part;
  return {
    type: "input_image",
    detail: "auto",
    image_url: source.kind === "url" ? source.url : writeDataUrl(source.mediaType, source.base64),
  };
}

/** Reasoning goes back only to the provider that encrypted it. */
function writeAssistantPart(part: NormalText | NormalThinking | NormalToolCall): JsonObject[] {
  switch (part.kind) {
    case "text":
      return part.text === "" ? [] : [{ role: "assistant", content: part.text }];
    case "thinking": {
      const item = unpackSignature(part.signature);
      if (!item) return [];
      const summary = part.text === "" ? [] : [{ type: "summary_text", text: part.text }];
      return [{ type: "reasoning", id: item.id, summary, encrypted_content: item.encrypted }];
    }
    case "tool-call":
      return [
        {
          type: "function_call",
          call_id: part.id,
          name: part.name,
          arguments: part.argumentsText === "" ? "{}" : part.argumentsText,
        },
      ];
    default:
      return assertNever(part);
  }
}

/** A failure, which has no flag here, is said in words. */
function writeResult({ callId, parts, isError }: NormalToolResult): JsonObject {
  const isText = parts.every((part) => part.kind === "text");
  const text = parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n");
  const marked = isError && !/^\W*error/i.test(text) ? `Error: ${text}` : text;
  return { type: "function_call_output", call_id: callId, output: isText ? marked : parts.map(writePart) };
}
