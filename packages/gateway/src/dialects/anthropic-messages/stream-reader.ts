// Reads an Anthropic stream as normal events. Blocks of kinds that a translated call cannot ask for are left out.
import type { StreamReader, StreamStep } from "../dialect.ts";
import { asNumber, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { ANSWER_TOOL } from "./answer-tool.ts";
import { createAnthropicFrameReader, type AnthropicFrame } from "./frame-reader.ts";
import { normalEnd } from "./stop-reason.ts";

interface OpenBlock {
  readonly part: number;
  readonly kind: "text" | "thinking" | "tool-call" | "answer";
  hasText: boolean;
  signature: string;
}

const NOTHING: StreamStep = { reading: { kind: "held" }, events: [] };

/** Creates a reader for one answer. */
export function createAnthropicStreamReader(): StreamReader {
  const readFrame = createAnthropicFrameReader();
  const blocks = new Map<number, OpenBlock>();
  let state: "before" | "running" | "finished" | "over" = "before";
  let partCount = 0;
  let hasToolCalls = false;

  const open = (index: number, block: JsonObject, events: NormalEvent[]): void => {
    const opening = openingOf(block);
    if (!opening) return;
    const { kind, opens, first } = opening;
    const part = partCount++;
    hasToolCalls ||= kind === "tool-call";
    const opened: OpenBlock = { part, kind, hasText: false, signature: asText(block["signature"]) ?? "" };
    blocks.set(index, opened);
    events.push({ kind: "part-begin", part, opens });
    append(opened, first, events);
  };
  const close = (index: number, events: NormalEvent[]): void => {
    const block = blocks.get(index);
    if (!block) return;
    blocks.delete(index);
    const { part, kind } = block;
    if (kind === "tool-call" && !block.hasText) events.push({ kind: "arguments", part, text: "{}" });
    if (kind === "thinking" && block.signature !== "")
      events.push({ kind: "signature", part, signature: block.signature });
    events.push({ kind: "part-end", part });
  };
  const finish = (reason: string, stopSequence: string | undefined, events: NormalEvent[]): void => {
    for (const index of blocks.keys()) close(index, events);
    events.push({ kind: "end", end: normalEnd(reason, hasToolCalls), stopSequence });
    state = "finished";
  };
  const fail = (reason: string): StreamStep => {
    state = "over";
    return { reading: { kind: "error", reason }, events: [] };
  };
  const readEvent = ({ reading, event }: AnthropicFrame): StreamStep => {
    const events: NormalEvent[] = [];
    if (!event) return { reading, events };
    const index = asNumber(event["index"]) ?? 0;
    if (event["type"] === "message_start" && state === "before") {
      const message = asObject(event["message"]) ?? {};
      events.push({
        kind: "begin",
        id: asText(message["id"]) ?? "",
        model: asText(message["model"]) ?? "",
        usage: reading.usage,
      });
      state = "running";
      return { reading, events };
    }
    if (state === "before") return reading.kind === "held" ? NOTHING : fail("content before message_start");
    if (event["type"] === "content_block_start" && state === "running") {
      close(index, events);
      open(index, asObject(event["content_block"]) ?? {}, events);
    } else if (event["type"] === "content_block_delta") {
      const block = blocks.get(index);
      if (block) appendDelta(block, asObject(event["delta"]) ?? {}, events);
    } else if (event["type"] === "content_block_stop") close(index, events);
    else if (event["type"] === "message_delta") {
      const delta = asObject(event["delta"]) ?? {};
      const reason = asText(delta["stop_reason"]);
      if (reason && state === "running") finish(reason, asText(delta["stop_sequence"]), events);
      if (reading.usage) events.push({ kind: "usage", usage: reading.usage });
    }
    return { reading, events };
  };
  const done = (): StreamStep => {
    if (state === "before" || (state === "running" && partCount === 0)) return fail("a stream without content");
    const events: NormalEvent[] = [];
    if (state === "running") finish("end_turn", undefined, events);
    state = "over";
    events.push({ kind: "done" });
    return { reading: { kind: "end", hasFinish: true }, events };
  };

  return {
    read(frame) {
      if (state === "over") return NOTHING;
      const read = readFrame(frame);
      if (read.reading.kind === "end") return done();
      if (read.reading.kind === "error") state = "over";
      return readEvent(read);
    },
    close() {
      if (state === "over") return NOTHING;
      return state === "finished" ? done() : fail("the stream ended without a stop reason");
    },
  };
}

/** How a block begins, and the text that it already holds; undefined for a kind that is left out. */
function openingOf(
  block: JsonObject,
): { readonly kind: OpenBlock["kind"]; readonly opens: NormalPartOpening; readonly first: string } | undefined {
  switch (block["type"]) {
    case "text":
      return { kind: "text", opens: { kind: "text" }, first: asText(block["text"]) ?? "" };
    case "thinking":
      return { kind: "thinking", opens: { kind: "thinking" }, first: asText(block["thinking"]) ?? "" };
    case "redacted_thinking":
      return { kind: "thinking", opens: { kind: "thinking", redacted: asText(block["data"]) ?? "" }, first: "" };
    case "tool_use": {
      const name = asText(block["name"]) ?? "";
      const input = asObject(block["input"]) ?? {};
      const first = Object.keys(input).length > 0 ? JSON.stringify(input) : "";
      if (name === ANSWER_TOOL) return { kind: "answer", opens: { kind: "text" }, first };
      return { kind: "tool-call", opens: { kind: "tool-call", id: asText(block["id"]) ?? "", name }, first };
    }
    default:
      return undefined;
  }
}

function append(block: OpenBlock, text: string, events: NormalEvent[]): void {
  if (text === "") return;
  block.hasText = true;
  const { part } = block;
  if (block.kind === "tool-call") events.push({ kind: "arguments", part, text });
  else events.push({ kind: block.kind === "thinking" ? "thinking" : "text", part, text });
}

function appendDelta(block: OpenBlock, delta: JsonObject, events: NormalEvent[]): void {
  block.signature += asText(delta["signature"]) ?? "";
  append(block, asText(delta["text"]) ?? asText(delta["thinking"]) ?? asText(delta["partial_json"]) ?? "", events);
}
