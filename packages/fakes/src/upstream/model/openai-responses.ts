// Responses as OpenAI sends them: every event carries its type and a rising sequence number; the whole response stands in the last one.
import type { ModelBehaviour, ScriptPart, ScriptUsage } from "./model-behaviour.ts";
import { openAiError } from "./openai-chat.ts";
import { namedEvent, type ScriptDialect, type ScriptEvent } from "./script-dialect.ts";

/** The dialect. */
export const responsesDialect: ScriptDialect = {
  whole: (script, id) => response(script, id, { status: statusOf(script), output: script.parts.map(item) }),
  events(script, id) {
    let sequence = 0;
    let piece = 0;
    const event = (type: string, value: object, at?: number): ScriptEvent =>
      namedEvent(type, { type, sequence_number: sequence++, ...value }, at);
    const begun = response(script, id, { status: "in_progress", output: [] });
    const first = [event("response.created", { response: begun }), event("response.in_progress", { response: begun })];
    const items = script.parts.flatMap((part, index): ScriptEvent[] => {
      const whole = item(part, index);
      const place = { item_id: itemId(part, index), output_index: index };
      const events = [event("response.output_item.added", { output_index: index, item: openItem(part, index) })];
      if (part.kind === "text") {
        const empty = { type: "output_text", text: "", annotations: [], logprobs: [] };
        events.push(event("response.content_part.added", { ...place, content_index: 0, part: empty }));
      }
      if (part.kind === "reasoning") {
        const empty = { type: "summary_text", text: "" };
        events.push(event("response.reasoning_summary_part.added", { ...place, summary_index: 0, part: empty }));
      }
      for (const text of part.pieces)
        events.push(event(deltaType(part), { ...place, ...deltaPlace(part), delta: text }, piece++));
      events.push(event(doneType(part), { ...place, ...deltaPlace(part), ...doneValue(part) }, piece));
      if (part.kind === "reasoning") {
        const full = { type: "summary_text", text: part.pieces.join("") };
        events.push(event("response.reasoning_summary_part.done", { ...place, summary_index: 0, part: full }, piece));
      }
      if (part.kind === "text") {
        const full = { type: "output_text", text: part.pieces.join(""), annotations: [], logprobs: [] };
        events.push(event("response.content_part.done", { ...place, content_index: 0, part: full }, piece));
      }
      events.push(event("response.output_item.done", { output_index: index, item: whole }, piece));
      return events;
    });
    const status = statusOf(script);
    const last = response(script, id, { status, output: script.parts.map(item) });
    return [...first, ...items, event(`response.${status}`, { response: last }, piece + 1)];
  },
  error: openAiError,
  errorEvent(code, message) {
    const value = {
      type: "response.failed",
      sequence_number: 99,
      response: { status: "failed", error: { code, message } },
    };
    return `event: response.failed\ndata: ${JSON.stringify(value)}\n\n`;
  },
};

function response(
  { model, usage, finish }: ModelBehaviour,
  id: string,
  state: { readonly status: string; readonly output: readonly object[] },
): object {
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: 1_735_689_600,
    model,
    error: null,
    incomplete_details:
      state.status === "incomplete" ? { reason: finish === "length" ? "max_output_tokens" : "content_filter" } : null,
    parallel_tool_calls: true,
    tools: [],
    ...state,
    usage: state.status !== "in_progress" && usage ? usageOf(usage) : null,
  };
}

function statusOf({ finish }: ModelBehaviour): "completed" | "incomplete" {
  return finish === "length" || finish === "refused" ? "incomplete" : "completed";
}

function usageOf({ input, cached, output, reasoning }: ScriptUsage): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

function itemId(part: ScriptPart, index: number): string {
  return `${part.kind === "text" ? "msg" : part.kind === "reasoning" ? "rs" : "fc"}_${index}`;
}

function item(part: ScriptPart, index: number): object {
  const id = itemId(part, index);
  const text = part.pieces.join("");
  if (part.kind === "tool-call") {
    return { id, type: "function_call", status: "completed", call_id: part.id, name: part.name, arguments: text };
  }
  if (part.kind === "reasoning") return { id, type: "reasoning", summary: [{ type: "summary_text", text }] };
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return { id, type: "message", status: "completed", role: "assistant", content };
}

function openItem(part: ScriptPart, index: number): object {
  const id = itemId(part, index);
  if (part.kind === "tool-call") {
    return { id, type: "function_call", status: "in_progress", call_id: part.id, name: part.name, arguments: "" };
  }
  if (part.kind === "reasoning") return { id, type: "reasoning", summary: [] };
  return { id, type: "message", status: "in_progress", role: "assistant", content: [] };
}

function deltaType(part: ScriptPart): string {
  if (part.kind === "tool-call") return "response.function_call_arguments.delta";
  return part.kind === "reasoning" ? "response.reasoning_summary_text.delta" : "response.output_text.delta";
}

function doneType(part: ScriptPart): string {
  return deltaType(part).replace(/delta$/, "done");
}

function deltaPlace(part: ScriptPart): object {
  if (part.kind === "tool-call") return {};
  return part.kind === "reasoning" ? { summary_index: 0 } : { content_index: 0 };
}

function doneValue(part: ScriptPart): object {
  const text = part.pieces.join("");
  return part.kind === "tool-call" ? { arguments: text } : { text };
}
