// Turns the bytes of POST /v1/chat/completions into a request or into the error that OpenAI would give.
// Only what the engines honour is read; sampling fields and other unknown ones pass, as they do in vLLM.

import type { ApiError } from "./api-error.ts";
import { invalidRequest } from "./api-error.ts";
import type { ChatMessage, GenerationRequest } from "./engine.ts";

/** A request for a completion with the fields that shape the response. */
export interface ChatRequest {
  readonly model: string;
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  readonly generation: GenerationRequest;
}

/** The request, or what is wrong with it. */
export type ChatRequestOutcome =
  | { readonly outcome: "valid"; readonly request: ChatRequest }
  | { readonly outcome: "invalid"; readonly error: ApiError };

type Fields = Readonly<Record<string, unknown>>;

/** Reads and checks a request body. */
export function parseChatRequest(bytes: Uint8Array): ChatRequestOutcome {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return invalid(invalidRequest("The request body is not valid JSON in UTF-8.", null));
  }
  if (!isFields(body)) return invalid(invalidRequest("The request body must be a JSON object.", null));
  const error = checkFields(body);
  if (error !== undefined) return invalid(error);
  const conversation = readConversation(body);
  if ("error" in conversation) return invalid(conversation.error);
  return {
    outcome: "valid",
    request: {
      model: body["model"] as string,
      isStream: body["stream"] === true,
      includeUsage: isFields(body["stream_options"]) && body["stream_options"]["include_usage"] === true,
      generation: {
        ...conversation,
        maxTokens: (body["max_completion_tokens"] ?? body["max_tokens"] ?? undefined) as number | undefined,
        stop: readStop(body["stop"]),
        priority: (body["priority"] ?? undefined) as number | undefined,
        simulatedOutputTokens: (body["simulated_output_tokens"] ?? undefined) as number | undefined,
      },
    },
  };
}

function checkFields(body: Fields): ApiError | undefined {
  if (typeof body["model"] !== "string" || body["model"] === "") {
    return invalidRequest("'model' must be the name of a model.", "model");
  }
  if (!isAbsent(body["stream"]) && typeof body["stream"] !== "boolean") {
    return invalidRequest("'stream' must be true or false.", "stream");
  }
  if (!isAbsent(body["stream_options"])) {
    if (!isFields(body["stream_options"])) {
      return invalidRequest("'stream_options' must be an object.", "stream_options");
    }
    if (body["stream"] !== true) {
      return invalidRequest("'stream_options' is only allowed with 'stream'.", "stream_options");
    }
  }
  for (const field of ["continue_final_message", "add_generation_prompt"]) {
    if (!isAbsent(body[field]) && typeof body[field] !== "boolean") {
      return invalidRequest(`'${field}' must be true or false.`, field);
    }
  }
  // As vLLM: a prompt for a new message and the continuation of the last one exclude each other, and the first is the default.
  if (body["continue_final_message"] === true && body["add_generation_prompt"] !== false) {
    const message = "'continue_final_message' needs 'add_generation_prompt': false.";
    return invalidRequest(message, "continue_final_message");
  }
  if (!isAbsent(body["priority"]) && !Number.isSafeInteger(body["priority"])) {
    return invalidRequest("'priority' must be a whole number.", "priority");
  }
  for (const field of ["max_completion_tokens", "max_tokens", "simulated_output_tokens"]) {
    const value = body[field];
    if (!isAbsent(value) && !(Number.isInteger(value) && (value as number) >= 1)) {
      return invalidRequest(`'${field}' must be a whole number from 1 up.`, field);
    }
  }
  if (!isAbsent(body["n"]) && body["n"] !== 1) {
    return invalidRequest("'n' must be 1: this engine gives one choice.", "n", "unsupported_value");
  }
  return isStop(body["stop"])
    ? undefined
    : invalidRequest("'stop' must be a text or a list of up to four texts, none empty.", "stop");
}

/** The messages, and the last one apart where it is to be gone on with. */
function readConversation(
  body: Fields,
): Pick<GenerationRequest, "messages" | "continuedText"> | { readonly error: ApiError } {
  const messages = readMessages(body["messages"]);
  if (!Array.isArray(messages)) return { error: messages as ApiError };
  if (body["continue_final_message"] !== true) return { messages: messages as readonly ChatMessage[] };
  const { role, text } = messages.pop() as ChatMessage;
  if (role === "assistant") return { messages: messages as readonly ChatMessage[], continuedText: text };
  const message = "'continue_final_message' needs a last message of the assistant.";
  return { error: invalidRequest(message, "continue_final_message") };
}

function readMessages(value: unknown): readonly ChatMessage[] | ApiError {
  if (!Array.isArray(value) || value.length === 0) {
    return invalidRequest("'messages' must be a list with at least one message.", "messages");
  }
  const messages: ChatMessage[] = [];
  for (const [index, message] of value.entries()) {
    const param = `messages[${index}]`;
    if (!isFields(message) || typeof message["role"] !== "string") {
      return invalidRequest(`'${param}' must be an object with a role.`, param);
    }
    const text = readContent(message["content"]);
    if (text === undefined) {
      return invalidRequest(`'${param}.content' must be a text or a list of parts of type "text".`, `${param}.content`);
    }
    messages.push({ role: message["role"], text });
  }
  return messages;
}

/** Absent content is allowed: an assistant message that only calls tools has none. */
function readContent(content: unknown): string | undefined {
  if (isAbsent(content)) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content) {
    if (!isFields(part) || part["type"] !== "text" || typeof part["text"] !== "string") return undefined;
    texts.push(part["text"]);
  }
  return texts.join("\n");
}

function isStop(value: unknown): boolean {
  if (isAbsent(value)) return true;
  const texts = Array.isArray(value) ? value : [value];
  return texts.length <= 4 && texts.every((text) => typeof text === "string" && text !== "");
}

function readStop(value: unknown): readonly string[] {
  if (isAbsent(value)) return [];
  return (Array.isArray(value) ? value : [value]) as string[];
}

/** OpenAI treats null like a field that is not there. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(error: ApiError): ChatRequestOutcome {
  return { outcome: "invalid", error };
}
