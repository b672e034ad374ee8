// Normal messages as those of a chat call.
import { assertNever } from "@flyball/core";
import { writeDataUrl } from "../data-url.ts";
import type { JsonObject } from "../json-value.ts";
import type {
  NormalDocument,
  NormalImage,
  NormalMessage,
  NormalRequest,
  NormalText,
  NormalThinking,
  NormalToolCall,
  NormalToolResult,
} from "../normal-form/normal-request.ts";
import type { ProviderTraits } from "../provider-traits.ts";
import { refuseField } from "../translated.ts";

/** Writes them, the system's first. */
export function writeChatMessages(request: NormalRequest, traits: ProviderTraits): JsonObject[] {
  const list: JsonObject[] = [];
  if (request.system.length > 0) list.push({ role: "system", content: joinTexts(request.system) });
  for (const message of request.messages) list.push(...writeMessage(message, traits));
  const { prefillMember } = traits;
  const isPrefilled = prefillMember !== undefined && request.messages.at(-1)?.role === "assistant";
  if (isPrefilled) list.push({ ...list.pop(), [prefillMember]: true });
  return list;
}

function writeMessage(message: NormalMessage, traits: ProviderTraits): JsonObject[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: joinTexts(message.parts) }];
    case "user":
      return [{ role: "user", content: writeUserParts(message.parts, traits) }];
    case "assistant":
      return [writeAssistant(message.parts, traits)];
    case "tool":
      return writeResults(message.results, traits);
    default:
      return assertNever(message);
  }
}

/** Several instructions become one, parted by a blank line. */
function joinTexts(parts: readonly NormalText[]): string {
  return parts.map(({ text }) => text).join("\n\n");
}

function writeUserParts(
  parts: readonly (NormalText | NormalImage | NormalDocument)[],
  traits: ProviderTraits,
): unknown {
  const [first] = parts;
  if (parts.length === 1 && first?.kind === "text") return first.text;
  return parts.map((part) => writeUserPart(part, traits));
}

function writeUserPart(part: NormalText | NormalImage | NormalDocument, traits: ProviderTraits): JsonObject {
  if (part.kind === "text") return { type: "text", text: part.text };
  if (part.kind === "document") {
    const file = { filename: part.name ?? "document", file_data: writeDataUrl(part.mediaType, part.base64) };
    return { type: "file", file };
  }
  if (!traits.hasImages) refuseField("messages", "the backend takes no images");
  const { source } = part;
  return {
    type: "image_url",
    image_url: { url: source.kind === "url" ? source.url : writeDataUrl(source.mediaType, source.base64) },
  };
}

function writeAssistant(
  parts: readonly (NormalText | NormalThinking | NormalToolCall)[],
  traits: ProviderTraits,
): JsonObject {
  const text = parts
    .filter((part) => part.kind === "text")
    .map((part) => part.text)
    .join("");
  const calls = parts.filter((part) => part.kind === "tool-call");
  // Signed reasoning is another provider's own; its text still helps a model that reasons in the open.
  const thinking = parts
    .filter((part) => part.kind === "thinking")
    .map((part) => part.text)
    .join("");
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(thinking !== "" && traits.reasoningField ? { [traits.reasoningField]: thinking } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(writeCall) } : {}),
  };
}

function writeCall({ id, name, argumentsText }: NormalToolCall): JsonObject {
  return { id, type: "function", function: { name, arguments: argumentsText === "" ? "{}" : argumentsText } };
}

/** A tool message holds text only; images follow as a user's, named by their call. A failure, which has no flag here, is said in words. */
function writeResults(results: readonly NormalToolResult[], traits: ProviderTraits): JsonObject[] {
  const messages: JsonObject[] = [];
  const images: JsonObject[] = [];
  for (const { callId, parts, isError } of results) {
    const text = parts
      .filter((part) => part.kind === "text")
      .map((part) => part.text)
      .join("\n");
    const found = parts.filter((part) => part.kind === "image");
    if (found.length > 0) images.push({ type: "text", text: `Images of the tool result ${callId}:` });
    for (const image of found) images.push(writeUserPart(image, traits));
    messages.push({ role: "tool", tool_call_id: callId, content: isError ? markError(text) : text });
  }
  if (images.length > 0) messages.push({ role: "user", content: images });
  return messages;
}

function markError(text: string): string {
  return /^\W*error/i.test(text) ? text : `Error: ${text}`;
}
