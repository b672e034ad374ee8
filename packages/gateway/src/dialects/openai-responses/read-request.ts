// A client's Responses call in the normal form. State at the provider cannot be had from another dialect and is refused by its name;
// a call that does not speak of `store` is taken as one that keeps nothing (README.md).
import type { Translated } from "../dialect.ts";
import { asList, asObject, asText, type JsonObject } from "../json-value.ts";
import { readEffort } from "../openai-chat/read-request.ts";
import type {
  NormalRequest,
  NormalResponseFormat,
  NormalTool,
  NormalToolChoice,
} from "../normal-form/normal-request.ts";
import {
  needList,
  needObject,
  needText,
  optionalNumber,
  refuseField,
  refuseFields,
  refuseUnknown,
  translated,
  showValue,
} from "../translated.ts";
import { readInput } from "./read-input.ts";

const READ = [
  "input",
  "instructions",
  "model",
  "max_output_tokens",
  "parallel_tool_calls",
  "reasoning",
  "stream",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_p",
  "user",
  "safety_identifier",
  "include",
  "truncation",
];
/** They describe, place or bill the call, or are about the provider's own tools, which are refused anyway. */
const HARMLESS = [
  "metadata",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "service_tier",
  "stream_options",
  "max_tool_calls",
];
/** Their empty values say nothing. */
const STATEFUL = ["previous_response_id", "conversation", "background", "store", "prompt", "context_management"];
const FOREIGN = ["top_logprobs", "moderation", "image", "access_programs"];
const KNOWN: ReadonlySet<string> = new Set([...READ, ...HARMLESS, ...STATEFUL, ...FOREIGN]);

/** Reads it. */
export function readResponsesRequest(value: unknown): Translated<NormalRequest> {
  return translated(() => {
    const body = needObject(value, "the body");
    refuseFields(
      body,
      STATEFUL,
      "it needs state at the provider, and this backend keeps none; send store: false and the whole input",
    );
    refuseFields(body, FOREIGN, "this backend has no counterpart of it");
    refuseUnknown(body, KNOWN);
    refuseIncludes(body);
    const { system, messages } = readInput(body["input"]);
    const instructions = asText(body["instructions"]);
    return {
      system: instructions ? [{ kind: "text", text: instructions }, ...system] : system,
      messages,
      tools: needList(body["tools"] ?? [], "tools").map(readTool),
      toolChoice: readToolChoice(body["tool_choice"]),
      allowsParallelTools: typeof body["parallel_tool_calls"] === "boolean" ? body["parallel_tool_calls"] : undefined,
      maxOutputTokens: optionalNumber(body, "max_output_tokens"),
      temperature: optionalNumber(body, "temperature"),
      topP: optionalNumber(body, "top_p"),
      topK: undefined,
      stop: [],
      responseFormat: readFormat(asObject(body["text"])?.["format"]),
      reasoning: readEffort(asObject(body["reasoning"])?.["effort"], "reasoning.effort"),
      isStream: body["stream"] === true,
      user: asText(body["user"]) ?? asText(body["safety_identifier"]),
      seed: undefined,
      frequencyPenalty: undefined,
      presencePenalty: undefined,
    };
  });
}

function refuseIncludes(body: JsonObject): void {
  for (const item of asList(body["include"])) {
    if (item !== "reasoning.encrypted_content") refuseField("include", `${showValue(item)} has no counterpart`);
  }
  if (body["truncation"] === "auto") refuseField("truncation", "this backend does not shorten the input");
}

function readTool(value: unknown, index: number): NormalTool {
  const tool = needObject(value, `tools[${index}]`);
  if (tool["type"] !== "function")
    refuseField(`tools[${index}].type`, `the provider's own tool ${showValue(tool["type"])} has no counterpart`);
  return {
    name: needText(tool["name"], `tools[${index}].name`),
    description: asText(tool["description"]),
    parameters: tool["parameters"] ?? { type: "object", properties: {} },
    isStrict: typeof tool["strict"] === "boolean" ? tool["strict"] : undefined,
  };
}

function readToolChoice(value: unknown): NormalToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return { kind: value };
  const choice = needObject(value, "tool_choice");
  if (choice["type"] !== "function") refuseField("tool_choice.type", `${showValue(choice["type"])} has no counterpart`);
  return { kind: "tool", name: needText(choice["name"], "tool_choice.name") };
}

function readFormat(value: unknown): NormalResponseFormat | undefined {
  const format = asObject(value);
  if (!format || format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { kind: "json" };
  if (format["type"] !== "json_schema")
    refuseField("text.format.type", `${showValue(format["type"])} has no counterpart`);
  return {
    kind: "schema",
    name: asText(format["name"]) ?? "answer",
    schema: format["schema"] ?? {},
    isStrict: typeof format["strict"] === "boolean" ? format["strict"] : undefined,
  };
}
