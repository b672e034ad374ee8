// A client's chat call in the normal form. What has no place there is refused by its name; what only describes the call is dropped
// (README.md lists both).
import type { Translated } from "../dialect.ts";
import { asText, type JsonObject } from "../json-value.ts";
import type {
  NormalReasoning,
  NormalRequest,
  NormalResponseFormat,
  NormalTool,
  NormalToolChoice,
  ReasoningEffort,
} from "../normal-form/normal-request.ts";
import {
  needList,
  needObject,
  needText,
  optionalNumber,
  refuseField,
  refuseUnknown,
  translated,
  showValue,
} from "../translated.ts";
import { readChatMessages } from "./read-messages.ts";

const READ = [
  "messages",
  "model",
  "frequency_penalty",
  "max_completion_tokens",
  "max_tokens",
  "n",
  "parallel_tool_calls",
  "presence_penalty",
  "reasoning_effort",
  "response_format",
  "seed",
  "stop",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_k",
  "top_p",
  "user",
  "safety_identifier",
];
/** They describe, place or bill the call and do not change what is answered. */
const HARMLESS = [
  "metadata",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "service_tier",
  "prediction",
  "verbosity",
];
const SAYS_NOTHING: Readonly<Record<string, (value: unknown) => boolean>> = {
  store: (value) => value === false,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0,
  modalities: (value) => Array.isArray(value) && value.every((item) => item === "text"),
};
const KNOWN: ReadonlySet<string> = new Set([...READ, ...HARMLESS, ...Object.keys(SAYS_NOTHING)]);
const EFFORTS: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

/** Reads it. */
export function readChatRequest(value: unknown): Translated<NormalRequest> {
  return translated(() => {
    const body = needObject(value, "the body");
    refuseMeaning(body);
    refuseUnknown(body, KNOWN);
    return {
      ...readChatMessages(body["messages"]),
      tools: needList(body["tools"] ?? [], "tools").map(readTool),
      toolChoice: readToolChoice(body["tool_choice"]),
      allowsParallelTools: typeof body["parallel_tool_calls"] === "boolean" ? body["parallel_tool_calls"] : undefined,
      maxOutputTokens: optionalNumber(body, "max_completion_tokens") ?? optionalNumber(body, "max_tokens"),
      temperature: optionalNumber(body, "temperature"),
      topP: optionalNumber(body, "top_p"),
      topK: optionalNumber(body, "top_k"),
      stop: readStop(body["stop"]),
      responseFormat: readResponseFormat(body["response_format"]),
      reasoning: readEffort(body["reasoning_effort"], "reasoning_effort"),
      isStream: body["stream"] === true,
      user: asText(body["user"]) ?? asText(body["safety_identifier"]),
      seed: optionalNumber(body, "seed"),
      frequencyPenalty: optionalNumber(body, "frequency_penalty"),
      presencePenalty: optionalNumber(body, "presence_penalty"),
    };
  });
}

function refuseMeaning(body: JsonObject): void {
  if ((optionalNumber(body, "n") ?? 1) !== 1) refuseField("n", "this backend gives one answer a call");
  for (const [field, saysNothing] of Object.entries(SAYS_NOTHING)) {
    const given = body[field];
    if (given === undefined || given === null || saysNothing(given)) continue;
    refuseField(field, "this backend has no counterpart of it");
  }
}

function readTool(value: unknown, index: number): NormalTool {
  const tool = needObject(value, `tools[${index}]`);
  if (tool["type"] !== "function") refuseField(`tools[${index}].type`, "only functions have a counterpart");
  const fn = needObject(tool["function"], `tools[${index}].function`);
  return {
    name: needText(fn["name"], `tools[${index}].function.name`),
    description: asText(fn["description"]),
    parameters: fn["parameters"] ?? { type: "object", properties: {} },
    isStrict: typeof fn["strict"] === "boolean" ? fn["strict"] : undefined,
    ...(tool["cache_control"] ? { isCachePoint: true } : {}),
  };
}

function readToolChoice(value: unknown): NormalToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return { kind: value };
  const choice = needObject(value, "tool_choice");
  if (choice["type"] !== "function") refuseField("tool_choice.type", `${showValue(choice["type"])} has no counterpart`);
  return {
    kind: "tool",
    name: needText(needObject(choice["function"], "tool_choice.function")["name"], "tool_choice.function.name"),
  };
}

function readStop(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [value];
  return needList(value, "stop").map((item, index) => needText(item, `stop[${index}]`));
}

function readResponseFormat(value: unknown): NormalResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = needObject(value, "response_format");
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { kind: "json" };
  if (format["type"] !== "json_schema")
    refuseField("response_format.type", `${showValue(format["type"])} has no counterpart`);
  const schema = needObject(format["json_schema"], "response_format.json_schema");
  return {
    kind: "schema",
    name: asText(schema["name"]) ?? "answer",
    schema: schema["schema"] ?? {},
    isStrict: typeof schema["strict"] === "boolean" ? schema["strict"] : undefined,
  };
}

/** An effort by its name; undefined for none given. */
export function readEffort(value: unknown, field: string): NormalReasoning | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || !EFFORTS.has(value)) refuseField(field, `${showValue(value)} is no effort`);
  return { kind: "effort", effort: value as ReasoningEffort };
}
