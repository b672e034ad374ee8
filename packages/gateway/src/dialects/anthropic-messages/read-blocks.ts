// Content blocks of an Anthropic request in the normal form.
import { writeJson } from "../raw-json.ts";
import { asText, type JsonObject } from "../json-value.ts";
import type {
  NormalDocument,
  NormalImage,
  NormalText,
  NormalThinking,
  NormalToolCall,
  NormalToolResult,
} from "../normal-form/normal-request.ts";
import { needList, needObject, needText, refuseField, showValue } from "../translated.ts";

/** A string or a list of blocks, as a list. */
export function blocksOf(content: unknown, field: string): readonly JsonObject[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return needList(content, field).map((item, index) => needObject(item, `${field}[${index}]`));
}

/** Text only: instructions. */
export function readTexts(content: unknown, field: string): NormalText[] {
  return blocksOf(content, field).map((block, index): NormalText => {
    if (block["type"] !== "text") refuseField(`${field}[${index}].type`, "only text can stand here");
    return readText(block, `${field}[${index}]`);
  });
}

/** A block of a user's turn but for tool results. */
export function readUserBlock(block: JsonObject, field: string): NormalText | NormalImage | NormalDocument {
  if (block["type"] === "text") return readText(block, field);
  if (block["type"] === "image") return readImage(block, field);
  if (block["type"] === "document") return readDocument(block, field);
  return refuseField(`${field}.type`, `a block ${showValue(block["type"])} has no counterpart`);
}

/** A block of an assistant's turn. */
export function readAssistantBlock(block: JsonObject, field: string): NormalText | NormalThinking | NormalToolCall {
  switch (block["type"]) {
    case "text":
      return readText(block, field);
    case "thinking":
      return {
        kind: "thinking",
        text: asText(block["thinking"]) ?? "",
        signature: asText(block["signature"]) || undefined,
      };
    case "redacted_thinking":
      return { kind: "thinking", text: "", signature: undefined, redacted: needText(block["data"], `${field}.data`) };
    case "tool_use":
      return {
        kind: "tool-call",
        id: needText(block["id"], `${field}.id`),
        name: needText(block["name"], `${field}.name`),
        argumentsText: writeJson(block["input"] ?? {}),
      };
    default:
      return refuseField(`${field}.type`, `a block ${showValue(block["type"])} has no counterpart`);
  }
}

/** A tool's result. */
export function readResult(block: JsonObject, field: string): NormalToolResult {
  const parts = blocksOf(block["content"] ?? [], `${field}.content`).map((part, index) => {
    const read = readUserBlock(part, `${field}.content[${index}]`);
    if (read.kind === "document")
      refuseField(`${field}.content[${index}].type`, "a document in a tool's result has no counterpart");
    return read;
  });
  return { callId: needText(block["tool_use_id"], `${field}.tool_use_id`), parts, isError: block["is_error"] === true };
}

function readText(block: JsonObject, field: string): NormalText {
  return { kind: "text", text: needText(block["text"], `${field}.text`), ...cachePoint(block) };
}

function readImage(block: JsonObject, field: string): NormalImage {
  const source = needObject(block["source"], `${field}.source`);
  if (source["type"] === "url") {
    return {
      kind: "image",
      source: { kind: "url", url: needText(source["url"], `${field}.source.url`) },
      ...cachePoint(block),
    };
  }
  if (source["type"] !== "base64") refuseField(`${field}.source.type`, "a file stands at its provider; send it inline");
  const mediaType = needText(source["media_type"], `${field}.source.media_type`);
  return {
    kind: "image",
    source: { kind: "inline", mediaType, base64: needText(source["data"], `${field}.source.data`) },
    ...cachePoint(block),
  };
}

function readDocument(block: JsonObject, field: string): NormalText | NormalDocument {
  const source = needObject(block["source"], `${field}.source`);
  const data = asText(source["data"]);
  const name = asText(block["title"]);
  if (source["type"] === "text" && data !== undefined) {
    return { kind: "text", text: name === undefined ? data : `${name}\n\n${data}`, ...cachePoint(block) };
  }
  if (source["type"] !== "base64" || data === undefined)
    refuseField(`${field}.source.type`, "only inline documents have a counterpart");
  const mediaType = asText(source["media_type"]) ?? "application/pdf";
  return { kind: "document", mediaType, base64: data, name, ...cachePoint(block) };
}

function cachePoint(block: JsonObject): { isCachePoint?: boolean } {
  return block["cache_control"] ? { isCachePoint: true } : {};
}
