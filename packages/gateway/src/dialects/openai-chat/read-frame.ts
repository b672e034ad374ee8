// What one frame of a chat stream means, without knowing those before it. Also reads the streams of the older completions API.
import type { EventReading } from "../dialect.ts";
import { asList, asObject, asText, parseJson, type JsonObject } from "../json-value.ts";
import { errorMeaning, type ProviderError } from "../provider-error.ts";
import { readSseFrame } from "../sse-frame.ts";
import { openAiErrorOf } from "./errors.ts";
import { isErrorFinish } from "./finish-reason.ts";
import { readChatUsage } from "./usage.ts";

/** A frame and, when it is a chunk, its value. */
export interface ChatFrame {
  readonly reading: EventReading;
  readonly chunk?: JsonObject;
}

const HELD: EventReading = { kind: "held" };
const CONTENT: EventReading = { kind: "content" };
const END: EventReading = { kind: "end" };

/** Reads one frame without its empty line. */
export function readChatFrame(frame: string): ChatFrame {
  const { event, data } = readSseFrame(frame);
  const text = data.trim();
  if (text === "[DONE]") return { reading: END };
  if (text === "") return event === "error" ? failed(undefined, "an error event without data") : { reading: HELD };
  const value = parseJson(text);
  const chunk = asObject(value);
  const error = openAiErrorOf(chunk, 0);
  if (error || event === "error") return failed(error, `an error event: ${error ? sentence(error) : shorten(text)}`);
  if (value === undefined) return failed(undefined, `an event that is no JSON: ${shorten(text)}`);
  if (!chunk) return { reading: HELD };
  return readChunk(chunk);
}

function readChunk(chunk: JsonObject): ChatFrame {
  const choices = asList(chunk["choices"]);
  let kind: "held" | "content" = "held";
  let hasFinish = false;
  for (const item of choices) {
    const choice = asObject(item) ?? {};
    const finish = asText(choice["finish_reason"]);
    if (finish && isErrorFinish(finish)) {
      return failed(
        { code: finish, message: "the backend gave its answer up", meaning: errorMeaning(finish, "", 0) },
        `finish_reason ${finish}`,
      );
    }
    hasFinish ||= Boolean(finish);
    if (finish || hasContent(choice)) kind = "content";
  }
  const usage = readChatUsage(chunk);
  if (!usage && !hasFinish) return { reading: kind === "content" ? CONTENT : HELD, chunk };
  return { reading: { kind, ...(usage ? { usage } : {}), ...(hasFinish ? { hasFinish } : {}) }, chunk };
}

/** A text, or any member of the delta but its role that says something. */
function hasContent(choice: JsonObject): boolean {
  if (isFilled(choice["text"])) return true;
  const delta = asObject(choice["delta"]);
  if (!delta) return false;
  return Object.keys(delta).some((name) => name !== "role" && name !== "obfuscation" && isFilled(delta[name]));
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return !(Array.isArray(value) && value.length === 0);
}

function failed(error: ProviderError | undefined, reason: string): ChatFrame {
  return { reading: { kind: "error", reason, ...(error ? { error } : {}) } };
}

function sentence({ code, message }: ProviderError): string {
  return `${code}: ${shorten(message)}`;
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
