// A normal answer as a whole chat completion.
import type { AnswerIdentity } from "../dialect.ts";
import type { NormalAnswer } from "../normal-form/normal-answer.ts";
import type { NormalToolCall } from "../normal-form/normal-request.ts";
import { chatFinishReason } from "./finish-reason.ts";
import { writeChatUsage } from "./usage.ts";

/** Writes it. Text blocks are joined without anything between: providers split sentences into them. */
export function writeChatAnswer(answer: NormalAnswer, identity: AnswerIdentity): Buffer {
  const texts = answer.parts.filter((part) => part.kind === "text");
  const content = texts
    .filter((part) => !part.isRefusal)
    .map((part) => part.text)
    .join("");
  const refusal = texts
    .filter((part) => part.isRefusal)
    .map((part) => part.text)
    .join("");
  const thinking = answer.parts
    .filter((part) => part.kind === "thinking")
    .map((part) => part.text)
    .join("");
  const calls = answer.parts.filter((part) => part.kind === "tool-call").map(writeCall);
  const hasNoContent = content === "" && (calls.length > 0 || refusal !== "");
  const message = {
    role: "assistant",
    content: hasNoContent ? null : content,
    refusal: refusal === "" ? null : refusal,
    ...(thinking === "" ? {} : { reasoning_content: thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    annotations: [],
  };
  return Buffer.from(
    JSON.stringify({
      id: identity.id,
      object: "chat.completion",
      created: identity.createdSeconds,
      model: identity.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: chatFinishReason(answer.end, refusal !== "") }],
      ...(answer.usage ? { usage: writeChatUsage(answer.usage) } : {}),
    }),
  );
}

function writeCall({ id, name, argumentsText }: NormalToolCall): object {
  return { id, type: "function", function: { name, arguments: argumentsText === "" ? "{}" : argumentsText } };
}
