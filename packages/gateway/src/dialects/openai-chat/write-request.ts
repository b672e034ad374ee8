// A normal request as a chat call for one provider.
import { writeJson } from "../raw-json.ts";
import type { Translated, WrittenRequest } from "../dialect.ts";
import { withoutUndefined, type JsonObject } from "../json-value.ts";
import type { NormalReasoning, NormalRequest, NormalResponseFormat } from "../normal-form/normal-request.ts";
import { reasoningBudget, reasoningEffort } from "../normal-form/reasoning-effort.ts";
import type { ProviderTraits } from "../provider-traits.ts";
import { refuseField, translated } from "../translated.ts";
import { writeChatMessages } from "./write-messages.ts";

const MAX_USER_CHARACTERS = 64;

/** Writes it. A stream always asks for usage where the provider can tell it: the ledger needs it. */
export function writeChatRequest(
  request: NormalRequest,
  model: string,
  traits: ProviderTraits,
): Translated<WrittenRequest> {
  return translated(() => {
    if (request.tools.length > 0 && !traits.hasTools) refuseField("tools", "the backend has none");
    if (request.topK !== undefined && !traits.hasTopK) refuseField("top_k", "the backend has no such bound");
    const body: JsonObject = {
      model,
      ...writeContinuation(request, traits),
      messages: writeChatMessages(request, traits),
      ...(request.tools.length > 0 ? writeTools(request, traits) : {}),
      [traits.maxTokensField]: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      stop: request.stop.length > 0 ? request.stop : undefined,
      response_format: writeFormat(request.responseFormat, traits),
      ...writeReasoning(request.reasoning, traits),
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      // Longer ids, as Claude Code sends, are an error with OpenAI.
      user: !traits.hasUser || (request.user?.length ?? 0) > MAX_USER_CHARACTERS ? undefined : request.user,
      ...(request.isStream
        ? { stream: true, ...(traits.hasStreamOptions ? { stream_options: { include_usage: true } } : {}) }
        : {}),
    };
    return { path: "/chat/completions", headers: [], body: Buffer.from(writeJson(body)) };
  });
}

/** An assistant's last message is one to go on from, where the provider can; where it cannot, it would be answered instead. */
function writeContinuation({ messages }: NormalRequest, traits: ProviderTraits): JsonObject {
  if (messages.at(-1)?.role !== "assistant") return {};
  if (traits.resume === undefined) refuseField("messages", "the backend does not go on from an assistant's message");
  return traits.resume === "continue-final-message"
    ? { continue_final_message: true, add_generation_prompt: false }
    : {};
}

function writeTools({ tools, toolChoice, allowsParallelTools }: NormalRequest, traits: ProviderTraits): JsonObject {
  return {
    tools: tools.map(({ name, description, parameters, isStrict }) => ({
      type: "function",
      function: withoutUndefined({ name, description, parameters, strict: isStrict }),
    })),
    tool_choice:
      toolChoice?.kind === "tool" ? { type: "function", function: { name: toolChoice.name } } : toolChoice?.kind,
    // A provider that cannot call in parallel needs no word for it.
    parallel_tool_calls: traits.hasParallelTools ? allowsParallelTools : undefined,
  };
}

function writeFormat(format: NormalResponseFormat | undefined, traits: ProviderTraits): JsonObject | undefined {
  if (!format) return undefined;
  if (format.kind === "json") return { type: "json_object" };
  if (!traits.hasJsonSchema) refuseField("response_format", "the backend knows no schemas, only json_object");
  const { name, schema, isStrict } = format;
  return { type: "json_schema", json_schema: withoutUndefined({ name, schema, strict: isStrict }) };
}

function writeReasoning(reasoning: NormalReasoning | undefined, traits: ProviderTraits): JsonObject {
  if (!reasoning || !traits.reasoningRequest) return {};
  const budget = reasoningBudget(reasoning);
  switch (traits.reasoningRequest) {
    case "reasoning-effort":
      return { reasoning_effort: reasoningEffort(reasoning) };
    case "thinking-type":
      return { thinking: { type: budget > 0 ? "enabled" : "disabled" } };
    case "enable-thinking":
      return budget > 0 ? { enable_thinking: true, thinking_budget: budget } : { enable_thinking: false };
    default:
      return traits.reasoningRequest satisfies never;
  }
}
