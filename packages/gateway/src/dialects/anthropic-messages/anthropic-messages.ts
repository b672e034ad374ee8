// Anthropic's Messages API.
import type { Dialect } from "../dialect.ts";
import { anthropicStatus, readAnthropicError, writeAnthropicError, writeAnthropicStreamError } from "./errors.ts";
import { anthropicPassThrough } from "./pass-through.ts";
import { readAnthropicAnswer } from "./read-answer.ts";
import { readAnthropicRequest } from "./read-request.ts";
import { createAnthropicStreamReader } from "./stream-reader.ts";
import { createAnthropicStreamWriter } from "./stream-writer.ts";
import { readAnthropicUsage } from "./usage.ts";
import { writeAnthropicAnswer } from "./write-answer.ts";
import { writeAnthropicRequest } from "./write-request.ts";

/** The dialect. */
export const anthropicMessages = {
  name: "anthropic-messages",
  readRequest: readAnthropicRequest,
  writeRequest: writeAnthropicRequest,
  readAnswer: readAnthropicAnswer,
  writeAnswer: writeAnthropicAnswer,
  createStreamReader: createAnthropicStreamReader,
  createStreamWriter: createAnthropicStreamWriter,
  readUsage: readAnthropicUsage,
  readError: readAnthropicError,
  clientStatus: anthropicStatus,
  writeError: writeAnthropicError,
  writeStreamError: writeAnthropicStreamError,
  keepAlive: 'event: ping\ndata: {"type":"ping"}\n\n',
  passThrough: anthropicPassThrough,
} satisfies Dialect;
