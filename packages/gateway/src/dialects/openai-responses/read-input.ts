// The input of a Responses call in the normal form. Its items are flat; what an assistant did in one turn becomes one message.
import { readDataUrl } from "../data-url.ts";
import { asText, type JsonObject } from "../json-value.ts";
import type {
  NormalDocument,
  NormalImage,
  NormalMessage,
  NormalText,
  NormalThinking,
  NormalToolCall,
  NormalToolResult,
} from "../normal-form/normal-request.ts";
import { needList, needObject, needText, refuseField, showValue } from "../translated.ts";
import { reasoningTexts } from "./read-output.ts";
import { readBack } from "./reasoning-signature.ts";

/** Reads it. Instructions before the first turn are the system's. */
export function readInput(input: unknown): {
  readonly system: readonly NormalText[];
  readonly messages: readonly NormalMessage[];
} {
  if (typeof input === "string")
    return { system: [], messages: [{ role: "user", parts: [{ kind: "text", text: input }] }] };
  const system: NormalText[] = [];
  const messages: NormalMessage[] = [];
  for (const [index, value] of needList(input, "input").entries()) {
    const field = `input[${index}]`;
    const item = needObject(value, field);
    const type = item["type"] ?? "message";
    if (type === "message") readMessage(item, field, system, messages);
    else if (type === "reasoning") addToAssistant(messages, readReasoning(item));
    else if (type === "function_call") addToAssistant(messages, [readCall(item, field)]);
    else if (type === "function_call_output") addResult(messages, readResult(item, field));
    else refuseField(`${field}.type`, `an item ${showValue(type)} has no counterpart`);
  }
  return { system, messages };
}

function readMessage(item: JsonObject, field: string, system: NormalText[], messages: NormalMessage[]): void {
  const { role } = item;
  const parts = readParts(item["content"], `${field}.content`);
  if (role === "user") {
    messages.push({ role, parts });
    return;
  }
  const texts = parts.map((part, index) =>
    part.kind === "text" ? part : refuseField(`${field}.content[${index}].type`, "only text can stand here"),
  );
  if (role === "assistant") addToAssistant(messages, texts);
  else if (role !== "system" && role !== "developer")
    refuseField(`${field}.role`, `the role ${showValue(role)} has no counterpart`);
  else if (messages.length === 0) system.push(...texts);
  else messages.push({ role: "system", parts: texts });
}

function readParts(content: unknown, field: string): (NormalText | NormalImage | NormalDocument)[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return needList(content, field).map((item, index) =>
    readPart(needObject(item, `${field}[${index}]`), `${field}[${index}]`),
  );
}

function readPart(part: JsonObject, field: string): NormalText | NormalImage | NormalDocument {
  switch (part["type"]) {
    case "input_text":
    case "output_text":
    case "text":
      return { kind: "text", text: needText(part["text"], `${field}.text`) };
    case "refusal":
      return { kind: "text", text: needText(part["refusal"], `${field}.refusal`), isRefusal: true };
    case "input_image": {
      const url =
        asText(part["image_url"]) ?? refuseField(`${field}.image_url`, "a file stands at its provider; send a URL");
      const inline = readDataUrl(url);
      return { kind: "image", source: inline ? { kind: "inline", ...inline } : { kind: "url", url } };
    }
    case "input_file": {
      const inline = readDataUrl(asText(part["file_data"]) ?? "");
      if (!inline) refuseField(field, "a file stands at its provider; send file_data");
      return { kind: "document", ...inline, name: asText(part["filename"]) };
    }
    default:
      return refuseField(`${field}.type`, `a part ${showValue(part["type"])} has no counterpart`);
  }
}

function readReasoning(item: JsonObject): NormalThinking[] {
  const text = reasoningTexts(item).join("\n\n");
  return [readBack(asText(item["id"]) ?? "", text, asText(item["encrypted_content"]))];
}

function readCall(item: JsonObject, field: string): NormalToolCall {
  return {
    kind: "tool-call",
    id: needText(item["call_id"], `${field}.call_id`),
    name: needText(item["name"], `${field}.name`),
    argumentsText: asText(item["arguments"]) ?? "",
  };
}

function readResult(item: JsonObject, field: string): NormalToolResult {
  const parts = readParts(item["output"], `${field}.output`).map((part) =>
    part.kind === "document"
      ? refuseField(`${field}.output`, "a document in a tool's result has no counterpart")
      : part,
  );
  return { callId: needText(item["call_id"], `${field}.call_id`), parts, isError: false };
}

function addToAssistant(
  messages: NormalMessage[],
  parts: readonly (NormalText | NormalThinking | NormalToolCall)[],
): void {
  const last = messages.at(-1);
  if (last?.role === "assistant")
    messages[messages.length - 1] = { role: "assistant", parts: [...last.parts, ...parts] };
  else messages.push({ role: "assistant", parts });
}

function addResult(messages: NormalMessage[], result: NormalToolResult): void {
  const last = messages.at(-1);
  if (last?.role === "tool") messages[messages.length - 1] = { role: "tool", results: [...last.results, result] };
  else messages.push({ role: "tool", results: [result] });
}
