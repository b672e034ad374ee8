// What the frames of one Anthropic stream mean. It keeps the usage: `message_start` tells the input, `message_delta` the output, and
// both count for the whole message.
import type { EventReading } from "../dialect.ts";
import { asObject, asText, parseJson, type JsonObject } from "../json-value.ts";
import type { ProviderError } from "../provider-error.ts";
import { openAiErrorOf } from "../openai-chat/errors.ts";
import { readSseFrame } from "../sse-frame.ts";
import { anthropicErrorOf } from "./errors.ts";
import { normalUsage } from "./usage.ts";

/** A frame and its value, where it is an event that is known. */
export interface AnthropicFrame {
  readonly reading: EventReading;
  readonly event?: JsonObject;
}

const HELD: EventReading = { kind: "held" };
const CONTENT: EventReading = { kind: "content" };

/** Creates it for one stream; feed it every frame before the commit point, and those that may matter after it. */
export function createAnthropicFrameReader(): (frame: string) => AnthropicFrame {
  let usage: JsonObject = {};
  let hasBegun = false;
  const withUsage = (reading: EventReading, given: unknown): EventReading => {
    const members = asObject(given);
    if (!members) return reading;
    // Later totals replace earlier ones; null says nothing.
    usage = { ...usage, ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) };
    const total = normalUsage(usage);
    return total ? { ...reading, usage: total } : reading;
  };
  return (frame) => {
    const { event: name, data } = readSseFrame(frame);
    if (data.trim() === "")
      return { reading: name === "error" ? failure(undefined, "an error event without data") : HELD };
    const event = asObject(parseJson(data));
    if (!event) return { reading: failure(undefined, `an event that is no JSON object: ${shorten(data)}`) };
    const type = asText(event["type"]) ?? name;
    if (type === "error" || name === "error" || event["error"]) {
      const error = anthropicErrorOf(event, 0) ?? openAiErrorOf(event, 0);
      return {
        reading: failure(
          error,
          `an error event: ${error ? `${error.code}: ${shorten(error.message)}` : shorten(data)}`,
        ),
      };
    }
    switch (type) {
      case "message_start":
        // What follows would be another message under the head of the first.
        if (hasBegun) return { reading: failure(undefined, "a second message_start") };
        hasBegun = true;
        return { reading: withUsage(HELD, asObject(event["message"])?.["usage"]), event };
      case "content_block_start":
        return { reading: opensContent(asObject(event["content_block"]) ?? {}) ? CONTENT : HELD, event };
      case "content_block_delta":
        return { reading: hasText(asObject(event["delta"]) ?? {}) ? CONTENT : HELD, event };
      case "message_delta": {
        const hasFinish = Boolean(asObject(event["delta"])?.["stop_reason"]);
        return { reading: withUsage(hasFinish ? { kind: "content", hasFinish } : HELD, event["usage"]), event };
      }
      case "message_stop":
        return { reading: { kind: "end", hasFinish: true }, event };
      default:
        return { reading: HELD, event };
    }
  };
}

/** A tool's name and redacted thinking are seen by the client at once; text and thinking begin empty. */
function opensContent({ type, text }: JsonObject): boolean {
  if (type === "text") return Boolean(text);
  return type !== "thinking";
}

function hasText(delta: JsonObject): boolean {
  return Object.entries(delta).some(
    ([key, value]) => key !== "type" && key !== "signature" && value !== "" && value !== null,
  );
}

function failure(error: ProviderError | undefined, reason: string): EventReading {
  return { kind: "error", reason, ...(error ? { error } : {}) };
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
