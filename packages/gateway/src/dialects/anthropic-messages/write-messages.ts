// Normal messages as those of an Anthropic call. Turns alternate there: neighbours of one role become one turn, and results stand first
// in a user's.
import { assertNever } from "@flyball/core";
import { readDataUrl } from "../data-url.ts";
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
import { argumentsValue } from "../raw-json.ts";
import { refuseField } from "../translated.ts";

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: JsonObject[];
}

/** The turns. Instructions in the middle of the conversation go to the system, which `writeSystem` writes. */
export function writeAnthropicMessages(messages: readonly NormalMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = writeContent(message);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns;
}

/** All instructions, in order; undefined for none. */
export function writeSystem(
  system: readonly NormalText[],
  messages: readonly NormalMessage[],
): JsonObject[] | undefined {
  const later = messages.flatMap((message) => (message.role === "system" ? message.parts : []));
  const parts = [...system, ...later].filter(({ text }) => text !== "");
  return parts.length === 0 ? undefined : parts.map(writeText);
}

function writeContent(message: Exclude<NormalMessage, { role: "system" }>): JsonObject[] {
  switch (message.role) {
    case "user":
      return message.parts.filter((part) => part.kind !== "text" || part.text !== "").map(writeUserPart);
    case "assistant":
      return message.parts.flatMap(writeAssistantPart);
    case "tool":
      return message.results.map(writeResult);
    default:
      return assertNever(message);
  }
}

function writeUserPart(part: NormalText | NormalImage | NormalDocument): JsonObject {
  if (part.kind === "text") return writeText(part);
  if (part.kind === "image") return { type: "image", source: writeImageSource(part), ...cacheControl(part) };
  const { mediaType, base64, name } = part;
  const isText = mediaType.startsWith("text/");
  if (!isText && mediaType !== "application/pdf")
    refuseField("messages", `a document of type ${mediaType} has no counterpart`);
  const source = isText
    ? { type: "text", media_type: "text/plain", data: Buffer.from(base64, "base64").toString("utf8") }
    : { type: "base64", media_type: mediaType, data: base64 };
  return { type: "document", source, title: name, ...cacheControl(part) };
}

function writeImageSource({ source }: NormalImage): JsonObject {
  if (source.kind === "url") {
    if (readDataUrl(source.url) || !/^https?:/.test(source.url))
      refuseField("messages", "an image's URL is neither http nor https");
    return { type: "url", url: source.url };
  }
  return {
    type: "base64",
    media_type: source.mediaType === "image/jpg" ? "image/jpeg" : source.mediaType,
    data: source.base64,
  };
}

/** Unsigned reasoning may not be sent back; empty text is an error there. */
function writeAssistantPart(part: NormalText | NormalThinking | NormalToolCall): JsonObject[] {
  switch (part.kind) {
    case "text":
      return part.text === "" ? [] : [writeText(part)];
    case "thinking":
      if (part.redacted !== undefined) return [{ type: "redacted_thinking", data: part.redacted }];
      return part.signature === undefined ? [] : [{ type: "thinking", thinking: part.text, signature: part.signature }];
    case "tool-call":
      return [{ type: "tool_use", id: toolUseId(part.id), name: part.name, input: argumentsValue(part.argumentsText) }];
    default:
      return assertNever(part);
  }
}

function writeResult({ callId, parts, isError }: NormalToolResult): JsonObject {
  const content = parts.filter((part) => part.kind !== "text" || part.text !== "").map(writeUserPart);
  return { type: "tool_result", tool_use_id: toolUseId(callId), content, ...(isError ? { is_error: true } : {}) };
}

/** Anthropic takes letters, digits, `_` and `-` only; call and result are changed alike. */
function toolUseId(id: string): string {
  return id.replaceAll(/[^\w-]/g, "_") || "call";
}

function writeText({ text, ...part }: NormalText): JsonObject {
  return { type: "text", text, ...cacheControl(part) };
}

function cacheControl({ isCachePoint }: { readonly isCachePoint?: boolean }): JsonObject {
  return isCachePoint ? { cache_control: { type: "ephemeral" } } : {};
}
