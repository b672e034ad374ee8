// The dialects by name. Adding one is a folder and a line here.
import { anthropicMessages } from "./anthropic-messages/anthropic-messages.ts";
import type { Dialect, DialectName } from "./dialect.ts";
import { openAiChat } from "./openai-chat/openai-chat.ts";
import { openAiResponses } from "./openai-responses/openai-responses.ts";

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "openai-chat": openAiChat,
  "openai-responses": openAiResponses,
  "anthropic-messages": anthropicMessages,
};

/** The dialect of a name. */
export function findDialect(name: DialectName): Dialect {
  return DIALECTS[name];
}
