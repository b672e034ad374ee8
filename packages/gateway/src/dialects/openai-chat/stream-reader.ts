// Reads the chunks of a chat stream as normal events. Only the first choice is read: more than one is refused before.
import type { EventReading, StreamReader, StreamStep } from "../dialect.ts";
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";
import type { NormalEvent } from "../normal-form/normal-event.ts";
import { contentPieces, reasoningText } from "./content-pieces.ts";
import { normalEnd } from "./finish-reason.ts";
import { readChatFrame } from "./read-frame.ts";
import { createToolCallDeltas } from "./tool-call-deltas.ts";

const NOTHING: StreamStep = { reading: { kind: "held" }, events: [] };

type TextKind = "text" | "refusal" | "thinking";

/** Creates a reader for one answer. */
export function createChatStreamReader(): StreamReader {
  let state: "before" | "running" | "finished" | "over" = "before";
  let answerId = "";
  let partCount = 0;
  /** The part of text, refusal or reasoning that is open. */
  let open: { readonly kind: TextKind; readonly part: number } | undefined;
  let hasContent = false;
  let hasRefusal = false;
  const nextPart = (): number => partCount++;
  const tools = createToolCallDeltas(nextPart, (count) => `call_${answerId}_${count}`);

  const closeText = (events: NormalEvent[]): void => {
    if (open) events.push({ kind: "part-end", part: open.part });
    open = undefined;
  };
  const pushText = (kind: TextKind, text: string, events: NormalEvent[]): void => {
    if (text === "") return;
    hasRefusal ||= kind === "refusal";
    if (open?.kind !== kind) {
      closeText(events);
      open = { kind, part: nextPart() };
      const opens =
        kind === "thinking" ? { kind } : { kind: "text" as const, ...(kind === "refusal" ? { isRefusal: true } : {}) };
      events.push({ kind: "part-begin", part: open.part, opens });
    }
    events.push({ kind: kind === "thinking" ? "thinking" : "text", part: open.part, text });
  };
  const begin = (chunk: JsonObject, events: NormalEvent[]): void => {
    state = "running";
    answerId = asText(chunk["id"]) ?? "";
    events.push({ kind: "begin", id: answerId, model: asText(chunk["model"]) ?? "", usage: undefined });
  };
  const finish = (reason: string, choice: JsonObject, events: NormalEvent[]): void => {
    closeText(events);
    events.push(...tools.close());
    // vLLM tells the stop string that was hit.
    const stopSequence = asText(choice["stop_reason"]);
    const end = normalEnd(reason, { hasToolCalls: tools.count() > 0, hasRefusal, stopSequence });
    events.push({ kind: "end", end, stopSequence });
    state = "finished";
  };
  /** Whether the delta could be understood. */
  const readDelta = (delta: JsonObject, events: NormalEvent[]): boolean => {
    pushText("thinking", reasoningText(delta), events);
    for (const piece of contentPieces(delta["content"])) pushText(piece.kind, piece.text, events);
    pushText("refusal", asText(delta["refusal"]) ?? "", events);
    for (const fragment of asList(delta["tool_calls"])) {
      const pushed = tools.push(fragment);
      if (!pushed) return false;
      if (pushed.length > 0) closeText(events);
      events.push(...pushed);
    }
    return true;
  };
  const readChunk = (chunk: JsonObject, reading: EventReading): StreamStep => {
    const events: NormalEvent[] = [];
    if (state === "before") begin(chunk, events);
    const choice = asList(chunk["choices"])
      .map(asObject)
      .find((item) => (item?.["index"] ?? 0) === 0);
    if (choice && state === "running") {
      if (!readDelta(asObject(choice["delta"]) ?? {}, events)) return fail("a tool call that cannot be read");
      const reason = asText(choice["finish_reason"]);
      if (reason) finish(reason, choice, events);
    }
    hasContent ||= reading.kind === "content";
    if (reading.usage) events.push({ kind: "usage", usage: reading.usage });
    return { reading, events };
  };
  const fail = (reason: string): StreamStep => {
    state = "over";
    return { reading: { kind: "error", reason }, events: [] };
  };
  /** [DONE], with or without a finish reason before it. */
  const done = (): StreamStep => {
    if (state === "before" || (state === "running" && !hasContent)) return fail("a stream without content");
    const events: NormalEvent[] = [];
    if (state === "running") finish("stop", {}, events);
    state = "over";
    events.push({ kind: "done" });
    return { reading: { kind: "end", hasFinish: true }, events };
  };

  return {
    read(frame) {
      if (state === "over") return NOTHING;
      const { reading, chunk } = readChatFrame(frame);
      if (reading.kind === "end") return done();
      if (reading.kind === "error") state = "over";
      return chunk && reading.kind !== "error" ? readChunk(chunk, reading) : { reading, events: [] };
    },
    close() {
      if (state === "over") return NOTHING;
      return state === "finished" ? done() : fail("the stream ended without a finish reason");
    },
  };
}
