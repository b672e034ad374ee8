// Writes normal events as the chunks of a chat stream. One id, created and model for all; the role with the first delta; tool calls by
// index; the finish reason alone in its chunk; usage, when asked for, in a chunk without choices before [DONE].
import type { TokenUsage } from "@flyball/core";
import { assertNever } from "@flyball/core";
import type { AnswerIdentity, StreamWriter } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalEvent, NormalPartOpening } from "../normal-form/normal-event.ts";
import { writeSseFrame } from "../sse-frame.ts";
import { chatFinishReason } from "./finish-reason.ts";
import { writeChatStreamError } from "./errors.ts";
import { writeChatUsage } from "./usage.ts";

/** Creates a writer for one answer. */
export function createChatStreamWriter(
  identity: AnswerIdentity,
  { wantsUsage }: { readonly wantsUsage: boolean },
): StreamWriter {
  const { id, model, createdSeconds } = identity;
  const head = { id, object: "chat.completion.chunk", created: createdSeconds, model };
  /** Index of a tool call by part. */
  const toolIndexes = new Map<number, number>();
  const refusals = new Set<number>();
  let usage: TokenUsage | undefined;
  let hasRole = false;

  const chunk = (choices: readonly JsonObject[], total: JsonObject | null = null): string =>
    writeSseFrame({ ...head, choices, ...(wantsUsage ? { usage: total } : {}) });
  const delta = (members: JsonObject, finish: string | null = null): string =>
    chunk([{ index: 0, delta: members, logprobs: null, finish_reason: finish }]);
  /** The role waits for what comes first: with a tool call there is no content, not an empty one. */
  const role = (content: string | null): string => {
    if (hasRole) return "";
    hasRole = true;
    return delta({ role: "assistant", content, refusal: null });
  };
  const openPart = (part: number, opens: NormalPartOpening): string => {
    if (opens.kind === "text" && opens.isRefusal) refusals.add(part);
    if (opens.kind !== "tool-call") return role(opens.kind === "text" && !opens.isRefusal ? "" : null);
    const index = toolIndexes.size;
    toolIndexes.set(part, index);
    const call = { index, id: opens.id, type: "function", function: { name: opens.name, arguments: "" } };
    return role(null) + delta({ tool_calls: [call] });
  };

  return {
    write(event: NormalEvent) {
      switch (event.kind) {
        case "part-begin":
          return openPart(event.part, event.opens);
        case "text":
          return delta(refusals.has(event.part) ? { refusal: event.text } : { content: event.text });
        case "thinking":
          return delta({ reasoning_content: event.text });
        case "arguments":
          return delta({
            tool_calls: [{ index: toolIndexes.get(event.part) ?? 0, function: { arguments: event.text } }],
          });
        case "begin":
        case "signature":
        case "part-end":
          return "";
        case "end":
          return role("") + delta({}, chatFinishReason(event.end, refusals.size > 0));
        case "usage":
          ({ usage } = event);
          return "";
        case "done":
          return `${wantsUsage && usage ? chunk([], writeChatUsage(usage)) : ""}data: [DONE]\n\n`;
        default:
          return assertNever(event);
      }
    },
    writeError: writeChatStreamError,
  };
}
