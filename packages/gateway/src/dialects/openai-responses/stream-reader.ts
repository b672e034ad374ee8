// Reads a Responses stream as normal events. A message's content parts, a reasoning item and a function call are one part each.
import type { StreamReader, StreamStep } from "../dialect.ts";
import { asNumber, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { readResponsesFrame } from "./read-frame.ts";
import { readEnd, readOutput } from "./read-output.ts";
import { createResponseParts } from "./response-parts.ts";

const NOTHING: StreamStep = { reading: { kind: "held" }, events: [] };

/** Creates a reader for one answer. */
export function createResponsesStreamReader(): StreamReader {
  const parts = createResponseParts();
  let state: "before" | "running" | "over" = "before";

  const begin = (response: JsonObject, events: NormalEvent[]): void => {
    if (state !== "before") return;
    state = "running";
    events.push({
      kind: "begin",
      id: asText(response["id"]) ?? "",
      model: asText(response["model"]) ?? "",
      usage: undefined,
    });
  };
  /** What the terminal event alone tells: a server that streams no deltas. */
  const readWhole = (response: JsonObject, events: NormalEvent[]): void => {
    for (const part of readOutput(response["output"])) {
      const key = `whole:${parts.count()}`;
      if (part.kind === "tool-call") parts.open(key, { kind: part.kind, id: part.id, name: part.name }, events);
      else if (part.kind === "thinking") parts.open(key, { kind: part.kind }, events);
      else parts.open(key, { kind: part.kind, ...(part.isRefusal ? { isRefusal: true } : {}) }, events);
      parts.append(key, part.kind === "tool-call" ? part.argumentsText : part.text, events);
      parts.close(key, events, part.kind === "thinking" ? part.signature : undefined);
    }
  };
  const finish = (response: JsonObject, reading: StreamStep["reading"]): StreamStep => {
    const events: NormalEvent[] = [];
    begin(response, events);
    if (parts.count() === 0) readWhole(response, events);
    parts.closeAll(events);
    const end = readEnd(response, { hasToolCalls: parts.hasToolCalls(), hasRefusal: parts.hasRefusal() }) ?? "stop";
    events.push({ kind: "end", end, stopSequence: undefined });
    if (reading.usage) events.push({ kind: "usage", usage: reading.usage });
    events.push({ kind: "done" });
    state = "over";
    return { reading, events };
  };

  return {
    read(frame) {
      if (state === "over") return NOTHING;
      const { reading, event } = readResponsesFrame(frame);
      if (reading.kind === "error") state = "over";
      if (!event || reading.kind === "error") return { reading, events: [] };
      const response = asObject(event["response"]) ?? {};
      if (reading.kind === "end") return finish(response, reading);
      const events: NormalEvent[] = [];
      begin(response, events);
      readEvent(event, parts, events);
      return { reading, events };
    },
    close() {
      if (state === "over") return NOTHING;
      state = "over";
      return { reading: { kind: "error", reason: "the stream ended without its terminal event" }, events: [] };
    },
  };
}

function readEvent(event: JsonObject, parts: ReturnType<typeof createResponseParts>, events: NormalEvent[]): void {
  const item = String(asNumber(event["output_index"]) ?? 0);
  const content = `${item}:${asNumber(event["content_index"]) ?? 0}`;
  const delta = asText(event["delta"]) ?? "";
  switch (event["type"]) {
    case "response.output_item.added":
      openItem(asObject(event["item"]) ?? {}, item, parts, events);
      return;
    case "response.content_part.added": {
      const opens = openingOf(asObject(event["part"]) ?? {});
      if (opens) parts.open(opens.kind === "thinking" ? item : content, opens, events);
      return;
    }
    case "response.output_text.delta":
      parts.open(content, { kind: "text" }, events);
      parts.append(content, delta, events);
      return;
    case "response.refusal.delta":
      parts.open(content, { kind: "text", isRefusal: true }, events);
      parts.append(content, delta, events);
      return;
    case "response.reasoning_summary_part.added":
      if (asNumber(event["summary_index"])) parts.append(item, "\n\n", events);
      return;
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      parts.open(item, { kind: "thinking" }, events);
      parts.append(item, delta, events);
      return;
    case "response.function_call_arguments.delta":
      parts.append(item, delta, events);
      return;
    case "response.function_call_arguments.done":
      parts.appendWhole(item, asText(event["arguments"]) ?? "", events);
      return;
    case "response.content_part.done":
      if (asObject(event["part"])?.["type"] !== "reasoning_text") parts.close(content, events);
      return;
    case "response.output_item.done":
      parts.closeItem(item, asObject(event["item"]) ?? {}, events);
      return;
    default:
  }
}

function openItem(
  item: JsonObject,
  key: string,
  parts: ReturnType<typeof createResponseParts>,
  events: NormalEvent[],
): void {
  if (item["type"] === "function_call") {
    parts.open(key, { kind: "tool-call", id: asText(item["call_id"]) ?? "", name: asText(item["name"]) ?? "" }, events);
    parts.append(key, asText(item["arguments"]) ?? "", events);
  }
}

function openingOf(part: JsonObject): NormalPartOpening | undefined {
  if (part["type"] === "output_text") return { kind: "text" };
  if (part["type"] === "refusal") return { kind: "text", isRefusal: true };
  return part["type"] === "reasoning_text" ? { kind: "thinking" } : undefined;
}
