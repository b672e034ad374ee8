// OpenAI's chat completions, which most providers and all engines speak.
import type { Dialect } from "../dialect.ts";
import { openAiStatus, readOpenAiError, writeChatStreamError, writeOpenAiError } from "./errors.ts";
import { chatPassThrough } from "./pass-through.ts";
import { readChatAnswer } from "./read-answer.ts";
import { readChatRequest } from "./read-request.ts";
import { createChatStreamReader } from "./stream-reader.ts";
import { createChatStreamWriter } from "./stream-writer.ts";
import { readChatUsage } from "./usage.ts";
import { writeChatAnswer } from "./write-answer.ts";
import { writeChatRequest } from "./write-request.ts";

/** The dialect. */
export const openAiChat = {
  name: "openai-chat",
  readRequest: readChatRequest,
  writeRequest: writeChatRequest,
  readAnswer: readChatAnswer,
  writeAnswer: writeChatAnswer,
  createStreamReader: createChatStreamReader,
  createStreamWriter: createChatStreamWriter,
  readUsage: readChatUsage,
  readError: readOpenAiError,
  clientStatus: openAiStatus,
  writeError: writeOpenAiError,
  writeStreamError: writeChatStreamError,
  keepAlive: ": keep-alive\n\n",
  passThrough: chatPassThrough,
} satisfies Dialect;
