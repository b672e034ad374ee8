// What one frame of a Responses stream means, without knowing those before it.
import type { EventReading } from "../dialect.ts";
import { asObject, asText, parseJson, type JsonObject } from "../json-value.ts";
import { openAiErrorOf } from "../openai-chat/errors.ts";
import { errorMeaning, type ProviderError } from "../provider-error.ts";
import { readSseFrame } from "../sse-frame.ts";
import { readEnd } from "./read-output.ts";
import { readResponsesUsage } from "./usage.ts";

/** A frame and, when it is an event, its value. */
export interface ResponsesFrame {
  readonly reading: EventReading;
  readonly event?: JsonObject;
}

const HELD: EventReading = { kind: "held" };
const CONTENT: EventReading = { kind: "content" };

/** Reads one frame without its empty line. */
export function readResponsesFrame(frame: string): ResponsesFrame {
  const { event: name, data } = readSseFrame(frame);
  // Some servers close their streams as chat does; the terminal event came before.
  if (data.trim() === "" || data.trim() === "[DONE]") {
    return { reading: name === "error" ? failure(undefined, "an error event without data") : HELD };
  }
  const event = asObject(parseJson(data));
  if (!event) return { reading: failure(undefined, `an event that is no JSON object: ${shorten(data)}`) };
  const type = asText(event["type"]) ?? name;
  switch (type) {
    case "response.completed":
    case "response.incomplete":
      return { reading: ended(asObject(event["response"]) ?? {}), event };
    case "response.failed":
    case "response.cancelled":
      return { reading: failed(asObject(event["response"]) ?? {}, type) };
    case "error":
      return { reading: errorEvent(event, data) };
    default:
      if (event["error"] || name === "error") return { reading: errorEvent(event, data) };
      return { reading: hasContent(type, event) ? CONTENT : HELD, event };
  }
}

function ended(response: JsonObject): EventReading {
  if (readEnd(response, { hasToolCalls: false, hasRefusal: false }) === undefined)
    return failed(response, "response.incomplete");
  const usage = readResponsesUsage(response);
  return { kind: "end", hasFinish: true, ...(usage ? { usage } : {}) };
}

function failed(response: JsonObject, type: string): EventReading {
  const error = openAiErrorOf(response, 0);
  const usage = readResponsesUsage(response);
  return {
    ...failure(error, error ? `${type}: ${error.code}: ${shorten(error.message)}` : type),
    ...(usage ? { usage } : {}),
  };
}

/** `{"type":"error","code","message","param"}`, or with the members inside `error`. */
function errorEvent(event: JsonObject, data: string): EventReading {
  const nested = openAiErrorOf(event, 0);
  const code = asText(event["code"]) ?? "unknown_error";
  const message = asText(event["message"]);
  const error =
    nested ?? (message === undefined ? undefined : { code, message, meaning: errorMeaning(code, message, 0) });
  return failure(error, `an error event: ${error ? `${error.code}: ${shorten(error.message)}` : shorten(data)}`);
}

/** Deltas that say something, calls, and items that come whole. */
function hasContent(type: string, event: JsonObject): boolean {
  if (type === "response.output_item.done") return true;
  if (type === "response.output_item.added") {
    const item = asObject(event["item"])?.["type"];
    return item !== "message" && item !== "reasoning";
  }
  const { delta } = event;
  return type.endsWith(".delta") && delta !== "" && delta !== undefined && delta !== null;
}

function failure(error: ProviderError | undefined, reason: string): EventReading {
  return { kind: "error", reason, ...(error ? { error } : {}) };
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
