// A normal request as an Anthropic call.
import type { Translated, WrittenRequest } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalRequest, NormalTool } from "../normal-form/normal-request.ts";
import type { ProviderTraits } from "../provider-traits.ts";
import { writeJson } from "../raw-json.ts";
import { refuseField, translated } from "../translated.ts";
import { ANSWER_TOOL } from "./answer-tool.ts";
import { claudePowers } from "./claude-powers.ts";
import { writeAnthropicMessages, writeSystem } from "./write-messages.ts";
import { isThinking, writeThinking } from "./write-thinking.ts";

/** Anthropic wants a bound; this one every model takes. */
export const DEFAULT_MAX_TOKENS = 4_096;

/** Writes it. */
export function writeAnthropicRequest(
  request: NormalRequest,
  model: string,
  traits: ProviderTraits,
): Translated<WrittenRequest> {
  return translated(() => {
    refuseForeign(request);
    const powers = claudePowers(model);
    if (request.messages.at(-1)?.role === "assistant" && !powers.hasPrefill) {
      refuseField("messages", "the model does not go on from an assistant's message");
    }
    const hasFormat = request.responseFormat?.kind === "schema" && powers.hasOutputFormat && traits.hasJsonSchema;
    const thinking = writeThinking(request, powers);
    if (request.responseFormat && !hasFormat && isThinking(thinking)) {
      refuseField("response_format", "the model cannot think and be made to answer in a form at once");
    }
    const { output_config: config, ...rest } = thinking;
    const body = {
      model,
      max_tokens: request.maxOutputTokens ?? DEFAULT_MAX_TOKENS,
      system: writeSystem(request.system, request.messages),
      messages: writeAnthropicMessages(request.messages),
      ...writeTools(request, hasFormat),
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      stop_sequences: request.stop.length > 0 ? request.stop : undefined,
      ...rest,
      output_config: writeConfig(config, request, hasFormat),
      metadata: request.user === undefined ? undefined : { user_id: request.user },
      stream: request.isStream ? true : undefined,
    };
    return { path: "/messages", headers: [], body: Buffer.from(writeJson(body)) };
  });
}

function refuseForeign(request: NormalRequest): void {
  const reason = "Anthropic's API has no counterpart";
  if (request.seed !== undefined) refuseField("seed", reason);
  if (request.frequencyPenalty) refuseField("frequency_penalty", reason);
  if (request.presencePenalty) refuseField("presence_penalty", reason);
  if ((request.temperature ?? 0) > 1) refuseField("temperature", "Anthropic's API takes 0 to 1");
}

/** A form that the model does not know is a tool that it must call; beside the client's own tools it must call one of them. */
function writeTools(request: NormalRequest, hasFormat: boolean): JsonObject {
  const { tools, toolChoice, allowsParallelTools, responseFormat } = request;
  const list = tools.map(writeTool);
  const answer = responseFormat && !hasFormat ? answerTool(responseFormat) : undefined;
  if (answer) list.push(answer);
  if (list.length === 0) return {};
  const parallel = allowsParallelTools === false ? { disable_parallel_tool_use: true } : {};
  if (answer && tools.length === 0) return { tools: list, tool_choice: { type: "tool", name: ANSWER_TOOL } };
  if (answer && toolChoice?.kind === "none") return { tools: list, tool_choice: { type: "tool", name: ANSWER_TOOL } };
  if (answer && toolChoice?.kind !== "tool") return { tools: list, tool_choice: { type: "any", ...parallel } };
  return { tools: list, tool_choice: writeToolChoice(toolChoice, parallel) };
}

function writeTool({ name, description, parameters, isStrict, isCachePoint }: NormalTool): JsonObject {
  return {
    name,
    description,
    input_schema: parameters,
    // Only schemas that name every property pass as strict there, so false is not written.
    strict: isStrict === true ? true : undefined,
    ...(isCachePoint ? { cache_control: { type: "ephemeral" } } : {}),
  };
}

function answerTool(format: NonNullable<NormalRequest["responseFormat"]>): JsonObject {
  const schema = format.kind === "schema" ? format.schema : { type: "object", additionalProperties: true };
  return { name: ANSWER_TOOL, description: "Gives the answer in the form that is asked for.", input_schema: schema };
}

function writeToolChoice(choice: NormalRequest["toolChoice"], parallel: JsonObject): JsonObject | undefined {
  if (!choice) return Object.keys(parallel).length > 0 ? { type: "auto", ...parallel } : undefined;
  if (choice.kind === "none") return { type: "none" };
  if (choice.kind === "tool") return { type: "tool", name: choice.name, ...parallel };
  return { type: choice.kind === "required" ? "any" : "auto", ...parallel };
}

function writeConfig(config: unknown, { responseFormat }: NormalRequest, hasFormat: boolean): JsonObject | undefined {
  const members = config as JsonObject | undefined;
  if (!hasFormat || responseFormat?.kind !== "schema") return members;
  return { ...members, format: { type: "json_schema", schema: responseFormat.schema } };
}
