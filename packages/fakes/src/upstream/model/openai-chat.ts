// Chat completions as OpenAI sends them: the role first, one delta a piece, the finish reason, usage when it is asked for, `[DONE]`.
import type { ModelBehaviour, ScriptPart, ScriptUsage } from "./model-behaviour.ts";
import { scriptText } from "./model-behaviour.ts";
import { dataEvent, type ScriptDialect, type ScriptEvent } from "./script-dialect.ts";

const CREATED = 1_735_689_600;
const FINISH = { stop: "stop", length: "length", "tool-calls": "tool_calls", refused: "content_filter" } as const;

/** The dialect. */
export const chatDialect: ScriptDialect = {
  whole(script, id) {
    const calls = script.parts.filter((part) => part.kind === "tool-call");
    const reasoning = scriptText(script.parts, "reasoning");
    const message = {
      role: "assistant",
      content: scriptText(script.parts, "text") || null,
      refusal: null,
      annotations: [],
      ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => toolCall(call, call.pieces.join(""))) }),
    };
    return {
      ...envelope(script, id, "chat.completion"),
      choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH[script.finish] }],
      ...(script.usage ? { usage: openAiUsage(script.usage) } : {}),
    };
  },
  events(script, id, request) {
    const options = request["stream_options"];
    const wantsUsage = options !== null && typeof options === "object" && "include_usage" in (options ?? {});
    const chunk = (delta: object, finish: string | null, piece?: number): ScriptEvent => {
      const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
      const value = { ...envelope(script, id, "chat.completion.chunk"), choices: [choice] };
      return dataEvent(wantsUsage ? { ...value, usage: null } : value, piece);
    };
    let piece = 0;
    let calls = 0;
    const deltas = script.parts.flatMap((part) => {
      const index = part.kind === "tool-call" ? calls++ : 0;
      return deltasOf(part, index).map((delta) => chunk(delta, null, piece++));
    });
    const usage = {
      ...envelope(script, id, "chat.completion.chunk"),
      choices: [],
      usage: script.usage && openAiUsage(script.usage),
    };
    return [
      chunk({ role: "assistant", content: "" }, null),
      ...deltas,
      { ...chunk({}, FINISH[script.finish]), piece },
      ...(wantsUsage && script.usage ? [{ ...dataEvent(usage), piece: piece + 1 }] : []),
      { text: "data: [DONE]\n\n", piece: piece + 2 },
    ];
  },
  error: openAiError,
  errorEvent: (code, message) => `data: ${JSON.stringify(openAiError(code, message))}\n\n`,
};

/** OpenAI's error object. */
export function openAiError(code: string, message: string): unknown {
  return { error: { message, type: code, param: null, code } };
}

/** Usage as OpenAI counts it: cached inside the prompt, reasoning inside the completion. */
export function openAiUsage({ input, cached, output, reasoning }: ScriptUsage): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function envelope({ model }: ModelBehaviour, id: string, object: string): object {
  return { id: `chatcmpl-${id}`, object, created: CREATED, model };
}

function deltasOf(part: ScriptPart, index: number): object[] {
  if (part.kind === "text") return part.pieces.map((content) => ({ content }));
  if (part.kind === "reasoning") return part.pieces.map((text) => ({ reasoning_content: text }));
  return [
    { tool_calls: [{ index, ...toolCall(part, "") }] },
    ...part.pieces.map((text) => ({ tool_calls: [{ index, function: { arguments: text } }] })),
  ];
}

function toolCall({ id, name }: { readonly id: string; readonly name: string }, text: string): object {
  return { id, type: "function", function: { name, arguments: text } };
}
