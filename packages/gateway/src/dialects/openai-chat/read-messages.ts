// The messages of a chat call in the normal form.
import { readDataUrl } from "../data-url.ts";
import { asList, asText, type JsonObject } from "../json-value.ts";
import type {
  NormalDocument,
  NormalImage,
  NormalMessage,
  NormalText,
  NormalThinking,
  NormalToolCall,
  NormalToolResult,
} from "../normal-form/normal-request.ts";
import { needList, needObject, needText, refuseField, refuseFields, showValue } from "../translated.ts";
import { reasoningText } from "./content-pieces.ts";

/** Reads them. Instructions before the first turn are the system's; later ones stay where they are. */
export function readChatMessages(value: unknown): {
  readonly system: readonly NormalText[];
  readonly messages: readonly NormalMessage[];
} {
  const system: NormalText[] = [];
  const messages: NormalMessage[] = [];
  for (const [index, item] of needList(value, "messages").entries()) {
    const field = `messages[${index}]`;
    const message = needObject(item, field);
    const role = needText(message["role"], `${field}.role`);
    if (role === "system" || role === "developer") {
      const parts = readTexts(message["content"], `${field}.content`);
      if (messages.length === 0) system.push(...parts);
      else messages.push({ role: "system", parts });
    } else if (role === "user") messages.push({ role, parts: readUserParts(message["content"], `${field}.content`) });
    else if (role === "assistant") messages.push({ role, parts: readAssistantParts(message, field) });
    else if (role === "tool") addResult(messages, message, field);
    else refuseField(`${field}.role`, `the role ${role} has no counterpart`);
  }
  return { system, messages };
}

/** Results of one turn stand together. */
function addResult(messages: NormalMessage[], message: JsonObject, field: string): void {
  const result: NormalToolResult = {
    callId: needText(message["tool_call_id"], `${field}.tool_call_id`),
    parts: readTexts(message["content"], `${field}.content`),
    isError: false,
  };
  const last = messages.at(-1);
  if (last?.role === "tool") messages[messages.length - 1] = { role: "tool", results: [...last.results, result] };
  else messages.push({ role: "tool", results: [result] });
}

/** A string or a list of text parts. */
function readTexts(content: unknown, field: string): NormalText[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return needList(content ?? [], field).map((item, index): NormalText => {
    const part = needObject(item, `${field}[${index}]`);
    if (part["type"] !== "text") refuseField(`${field}[${index}].type`, "only text can stand here");
    return { kind: "text", text: needText(part["text"], `${field}[${index}].text`), ...cachePoint(part) };
  });
}

function readUserParts(content: unknown, field: string): (NormalText | NormalImage | NormalDocument)[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return needList(content, field).map((item, index) =>
    readUserPart(needObject(item, `${field}[${index}]`), `${field}[${index}]`),
  );
}

function readUserPart(part: JsonObject, field: string): NormalText | NormalImage | NormalDocument {
  if (part["type"] === "text")
    return { kind: "text", text: needText(part["text"], `${field}.text`), ...cachePoint(part) };
  if (part["type"] === "image_url") {
    const url = needText(needObject(part["image_url"], `${field}.image_url`)["url"], `${field}.image_url.url`);
    const inline = readDataUrl(url);
    return {
      kind: "image",
      source: inline ? { kind: "inline", ...inline } : { kind: "url", url },
      ...cachePoint(part),
    };
  }
  if (part["type"] === "file") {
    const file = needObject(part["file"], `${field}.file`);
    const inline = readDataUrl(asText(file["file_data"]) ?? "");
    if (!inline) refuseField(`${field}.file`, "a file stands at its provider; send file_data");
    return { kind: "document", ...inline, name: asText(file["filename"]) };
  }
  return refuseField(`${field}.type`, `a part ${showValue(part["type"])} has no counterpart`);
}

/** An extension of OpenRouter and others, kept because Anthropic has it. */
function cachePoint(part: JsonObject): { isCachePoint?: boolean } {
  return part["cache_control"] ? { isCachePoint: true } : {};
}

function readAssistantParts(message: JsonObject, field: string): (NormalText | NormalThinking | NormalToolCall)[] {
  refuseFields(message, ["audio", "function_call"], "it has no counterpart");
  const parts: (NormalText | NormalThinking | NormalToolCall)[] = [];
  const reasoning = reasoningText(message);
  if (reasoning !== "") parts.push({ kind: "thinking", text: reasoning, signature: undefined });
  const { content } = message;
  if (typeof content === "string") {
    if (content !== "") parts.push({ kind: "text", text: content });
  } else {
    for (const [index, item] of needList(content ?? [], `${field}.content`).entries()) {
      const part = needObject(item, `${field}.content[${index}]`);
      const text = asText(part["text"]) ?? asText(part["refusal"]);
      if (text === undefined)
        refuseField(`${field}.content[${index}].type`, `a part ${showValue(part["type"])} has no counterpart`);
      parts.push({ kind: "text", text, ...cachePoint(part) });
    }
  }
  const refusal = asText(message["refusal"]);
  if (refusal) parts.push({ kind: "text", text: refusal, isRefusal: true });
  parts.push(
    ...asList(message["tool_calls"]).map((item, index) => readToolCall(item, `${field}.tool_calls[${index}]`)),
  );
  return parts;
}

function readToolCall(value: unknown, field: string): NormalToolCall {
  const call = needObject(value, field);
  if ((call["type"] ?? "function") !== "function")
    refuseField(`${field}.type`, "only function calls have a counterpart");
  const fn = needObject(call["function"], `${field}.function`);
  return {
    kind: "tool-call",
    id: needText(call["id"], `${field}.id`),
    name: needText(fn["name"], `${field}.function.name`),
    argumentsText: asText(fn["arguments"]) ?? "",
  };
}
