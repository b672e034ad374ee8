// Dialects by name.
import { anthropicMessages } from "./anthropic-messages/anthropic-messages.ts";
import type { Dialect, DialectName } from "./dialect.ts";
import { openAiChat } from "./openai-chat/openai-chat.ts";

/** The dialect. */
export function findDialect(name: DialectName): Dialect {
  return name === "anthropic-messages" ? anthropicMessages : openAiChat;
}
