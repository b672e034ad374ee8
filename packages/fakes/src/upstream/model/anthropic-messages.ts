// Messages as Anthropic sends them: message_start, blocks with their deltas, message_delta with the cumulative usage, message_stop.
import type { ModelBehaviour, ScriptPart, ScriptUsage } from "./model-behaviour.ts";
import { namedEvent, type ScriptDialect, type ScriptEvent } from "./script-dialect.ts";

const STOP = { stop: "end_turn", length: "max_tokens", "tool-calls": "tool_use", refused: "refusal" } as const;

/** The dialect. */
export const anthropicDialect: ScriptDialect = {
  whole: (script, id) => ({
    ...envelope(script, id),
    content: script.parts.map(wholeBlock),
    stop_reason: STOP[script.finish],
    stop_sequence: null,
    ...(script.usage ? { usage: usageOf(script.usage, script.usage.output) } : {}),
  }),
  events(script, id) {
    let piece = 0;
    const usage = script.usage;
    const start = {
      ...envelope(script, id),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      ...(usage ? { usage: usageOf(usage, 1) } : {}),
    };
    const blocks = script.parts.flatMap((part, index): ScriptEvent[] => [
      namedEvent("content_block_start", { type: "content_block_start", index, content_block: emptyBlock(part) }),
      ...part.pieces.map((text) => blockDelta(index, deltaOf(part, text), piece++)),
      ...(part.kind === "reasoning" && part.signature !== undefined
        ? [blockDelta(index, { type: "signature_delta", signature: part.signature })]
        : []),
      { ...namedEvent("content_block_stop", { type: "content_block_stop", index }), piece },
    ]);
    const delta = {
      type: "message_delta",
      delta: { stop_reason: STOP[script.finish], stop_sequence: null },
      ...(usage ? { usage: { output_tokens: usage.output } } : {}),
    };
    return [
      namedEvent("message_start", { type: "message_start", message: start }),
      namedEvent("ping", { type: "ping" }),
      ...blocks,
      namedEvent("message_delta", delta, piece + 1),
      namedEvent("message_stop", { type: "message_stop" }, piece + 2),
    ];
  },
  error: (type, message) => ({ type: "error", error: { type, message }, request_id: null }),
  errorEvent: (type, message) =>
    `event: error\ndata: ${JSON.stringify({ type: "error", error: { type, message } })}\n\n`,
};

function envelope({ model }: ModelBehaviour, id: string): object {
  return { id: `msg_${id}`, type: "message", role: "assistant", model };
}

/** Anthropic counts cached tokens beside the input. */
function usageOf({ input, cached }: ScriptUsage, output: number): object {
  return {
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
  };
}

function blockDelta(index: number, delta: object, piece?: number): ScriptEvent {
  return namedEvent("content_block_delta", { type: "content_block_delta", index, delta }, piece);
}

function wholeBlock(part: ScriptPart): object {
  const text = part.pieces.join("");
  if (part.kind === "text") return { type: "text", text };
  if (part.kind === "reasoning") return { type: "thinking", thinking: text, signature: part.signature ?? "" };
  return { type: "tool_use", id: part.id, name: part.name, input: parseKeepingNumbers(text || "{}") };
}

/** Numbers go out as they were written: int64 and `1.0` are not what a JavaScript number makes of them. */
function parseKeepingNumbers(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source: string }): unknown =>
    typeof value === "number" ? (JSON as JsonWithSource).rawJSON(context?.source ?? String(value)) : value;
  return JSON.parse(text, keep);
}

/** What the runtime has and the type library does not. */
type JsonWithSource = JSON & { rawJSON(text: string): unknown };

function emptyBlock(part: ScriptPart): object {
  if (part.kind === "text") return { type: "text", text: "" };
  if (part.kind === "reasoning") return { type: "thinking", thinking: "", signature: "" };
  return { type: "tool_use", id: part.id, name: part.name, input: {} };
}

function deltaOf(part: ScriptPart, text: string): object {
  if (part.kind === "text") return { type: "text_delta", text };
  if (part.kind === "reasoning") return { type: "thinking_delta", thinking: text };
  return { type: "input_json_delta", partial_json: text };
}
