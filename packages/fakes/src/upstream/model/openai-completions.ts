// Plain completions, the older form: text only.
import { scriptText, type ModelBehaviour } from "./model-behaviour.ts";
import { openAiError, openAiUsage } from "./openai-chat.ts";
import { dataEvent, type ScriptDialect } from "./script-dialect.ts";

/** The dialect. */
export const completionsDialect: ScriptDialect = {
  whole(script, id) {
    const choice = {
      text: scriptText(script.parts, "text"),
      index: 0,
      logprobs: null,
      finish_reason: finishOf(script),
    };
    return {
      ...envelope(script, id),
      choices: [choice],
      ...(script.usage ? { usage: openAiUsage(script.usage) } : {}),
    };
  },
  events(script, id, request) {
    const wantsUsage = request["stream_options"] !== undefined && script.usage !== undefined;
    const pieces = script.parts.flatMap((part) => (part.kind === "text" ? part.pieces : []));
    const chunk = (text: string, finish: string | null): object => ({
      ...envelope(script, id),
      choices: [{ text, index: 0, logprobs: null, finish_reason: finish }],
    });
    return [
      ...pieces.map((text, piece) => dataEvent(chunk(text, null), piece)),
      dataEvent(chunk("", finishOf(script)), pieces.length),
      ...(wantsUsage && script.usage
        ? [dataEvent({ ...envelope(script, id), choices: [], usage: openAiUsage(script.usage) }, pieces.length + 1)]
        : []),
      { text: "data: [DONE]\n\n", piece: pieces.length + 2 },
    ];
  },
  error: openAiError,
  errorEvent: (code, message) => `data: ${JSON.stringify(openAiError(code, message))}\n\n`,
};

function envelope({ model }: ModelBehaviour, id: string): object {
  return { id: `cmpl-${id}`, object: "text_completion", created: 1_735_689_600, model };
}

function finishOf({ finish }: ModelBehaviour): string {
  return finish === "length" ? "length" : "stop";
}
