// OpenAI's Responses API, without its state.
import type { Dialect } from "../dialect.ts";
import { openAiStatus, readOpenAiError, writeOpenAiError } from "../openai-chat/errors.ts";
import { writeResponsesStreamError } from "./errors.ts";
import { responsesPassThrough } from "./pass-through.ts";
import { readResponsesAnswer } from "./read-answer.ts";
import { readResponsesRequest } from "./read-request.ts";
import { createResponsesStreamReader } from "./stream-reader.ts";
import { createResponsesStreamWriter } from "./stream-writer.ts";
import { readResponsesUsage } from "./usage.ts";
import { writeResponsesAnswer } from "./write-answer.ts";
import { writeResponsesRequest } from "./write-request.ts";

/** The dialect. */
export const openAiResponses = {
  name: "openai-responses",
  readRequest: readResponsesRequest,
  writeRequest: writeResponsesRequest,
  readAnswer: readResponsesAnswer,
  writeAnswer: writeResponsesAnswer,
  createStreamReader: createResponsesStreamReader,
  createStreamWriter: createResponsesStreamWriter,
  readUsage: readResponsesUsage,
  readError: readOpenAiError,
  clientStatus: openAiStatus,
  writeError: writeOpenAiError,
  writeStreamError: writeResponsesStreamError,
  keepAlive: ": keep-alive\n\n",
  passThrough: responsesPassThrough,
} satisfies Dialect;
