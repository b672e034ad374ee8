// A normal request as a Responses call. Nothing is stored at the provider: reasoning travels encrypted with the conversation.
import { writeJson } from "../raw-json.ts";
import type { Translated, WrittenRequest } from "../dialect.ts";
import { withoutUndefined, type JsonObject } from "../json-value.ts";
import type { NormalRequest, NormalResponseFormat } from "../normal-form/normal-request.ts";
import { reasoningEffort } from "../normal-form/reasoning-effort.ts";
import type { ProviderTraits } from "../provider-traits.ts";
import { refuseField, translated } from "../translated.ts";
import { writeInput } from "./write-input.ts";

/** Writes it. */
export function writeResponsesRequest(
  request: NormalRequest,
  model: string,
  traits: ProviderTraits,
): Translated<WrittenRequest> {
  return translated(() => {
    refuseForeign(request);
    if (request.tools.length > 0 && !traits.hasTools) refuseField("tools", "the backend has none");
    const effort = request.reasoning && reasoningEffort(request.reasoning);
    const isReasoning = effort !== undefined && effort !== "none";
    const body: JsonObject = {
      model,
      instructions: request.system.length > 0 ? request.system.map(({ text }) => text).join("\n\n") : undefined,
      input: writeInput(request.messages),
      ...(request.tools.length > 0 ? writeTools(request) : {}),
      max_output_tokens: request.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      text: writeFormat(request.responseFormat),
      reasoning: effort === undefined ? undefined : { effort, ...(isReasoning ? { summary: "auto" } : {}) },
      include: isReasoning ? ["reasoning.encrypted_content"] : undefined,
      safety_identifier: (request.user?.length ?? 0) > MAX_USER_CHARACTERS ? undefined : request.user,
      store: false,
      stream: request.isStream ? true : undefined,
    };
    return { path: "/responses", headers: [], body: Buffer.from(writeJson(body)) };
  });
}

const MAX_USER_CHARACTERS = 64;

function refuseForeign(request: NormalRequest): void {
  const reason = "the Responses API has no counterpart";
  if (request.stop.length > 0) refuseField("stop", reason);
  if (request.messages.at(-1)?.role === "assistant") {
    refuseField("messages", "the Responses API does not go on from an assistant's message");
  }
  if (request.seed !== undefined) refuseField("seed", reason);
  if (request.topK !== undefined) refuseField("top_k", reason);
  if (request.frequencyPenalty) refuseField("frequency_penalty", reason);
  if (request.presencePenalty) refuseField("presence_penalty", reason);
}

function writeTools({ tools, toolChoice, allowsParallelTools }: NormalRequest): JsonObject {
  return {
    tools: tools.map(({ name, description, parameters, isStrict }) =>
      // A tool without a word on it is strict here, and was not where it came from.
      withoutUndefined({ type: "function", name, description, parameters, strict: isStrict ?? false }),
    ),
    tool_choice: toolChoice?.kind === "tool" ? { type: "function", name: toolChoice.name } : toolChoice?.kind,
    parallel_tool_calls: allowsParallelTools,
  };
}

function writeFormat(format: NormalResponseFormat | undefined): JsonObject | undefined {
  if (!format) return undefined;
  if (format.kind === "json") return { format: { type: "json_object" } };
  const { name, schema, isStrict } = format;
  return { format: withoutUndefined({ type: "json_schema", name, schema, strict: isStrict }) };
}
