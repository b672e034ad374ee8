// A client's Anthropic call in the normal form. What has no place there is refused by its name; what only describes or trims the call
// is dropped (README.md lists both).
import type { Translated } from "../dialect.ts";
import { asObject, asText, type JsonObject } from "../json-value.ts";
import { readEffort } from "../openai-chat/read-request.ts";
import type {
  NormalMessage,
  NormalReasoning,
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
  refuseUnknown,
  translated,
  showValue,
} from "../translated.ts";
import { blocksOf, readAssistantBlock, readResult, readTexts, readUserBlock } from "./read-blocks.ts";

const READ = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "metadata",
  "stop_sequences",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
];
/** They place, bill, cache, trim or explain the call and do not change what is answered. */
const HARMLESS = ["service_tier", "cache_control", "speed", "diagnostics", "context_management"];
const KNOWN: ReadonlySet<string> = new Set([...READ, ...HARMLESS]);

/** Reads it. */
export function readAnthropicRequest(value: unknown): Translated<NormalRequest> {
  return translated(() => {
    const body = needObject(value, "the body");
    refuseUnknown(body, KNOWN);
    const config = asObject(body["output_config"]) ?? {};
    return {
      messages: needList(body["messages"], "messages").flatMap(readMessage),
      system: readTexts(body["system"] ?? [], "system"),
      tools: needList(body["tools"] ?? [], "tools").map(readTool),
      ...readToolChoice(body["tool_choice"]),
      maxOutputTokens: optionalNumber(body, "max_tokens"),
      temperature: optionalNumber(body, "temperature"),
      topP: optionalNumber(body, "top_p"),
      topK: optionalNumber(body, "top_k"),
      stop: needList(body["stop_sequences"] ?? [], "stop_sequences").map((item, index) =>
        needText(item, `stop_sequences[${index}]`),
      ),
      responseFormat: readFormat(config["format"] ?? body["output_format"]),
      reasoning: readThinking(body["thinking"], config["effort"]),
      isStream: body["stream"] === true,
      user: asText(asObject(body["metadata"])?.["user_id"]),
      seed: undefined,
      frequencyPenalty: undefined,
      presencePenalty: undefined,
    };
  });
}

/** One turn; a user's with tool results becomes two, because others keep results apart. */
function readMessage(value: unknown, index: number): NormalMessage[] {
  const field = `messages[${index}]`;
  const message = needObject(value, field);
  const { role } = message;
  if (role === "system") return [{ role, parts: readTexts(message["content"], `${field}.content`) }];
  const blocks = blocksOf(message["content"], `${field}.content`);
  const name = (at: number): string => `${field}.content[${at}]`;
  if (role === "assistant") return [{ role, parts: blocks.map((block, at) => readAssistantBlock(block, name(at))) }];
  if (role !== "user") refuseField(`${field}.role`, `the role ${showValue(role)} has no counterpart`);
  const results = blocks.flatMap((block, at) => (block["type"] === "tool_result" ? [readResult(block, name(at))] : []));
  const parts = blocks.flatMap((block, at) =>
    block["type"] === "tool_result" ? [] : [readUserBlock(block, name(at))],
  );
  const messages: NormalMessage[] = [];
  if (results.length > 0) messages.push({ role: "tool", results });
  if (parts.length > 0) messages.push({ role: "user", parts });
  return messages;
}

function readTool(value: unknown, index: number): NormalTool {
  const tool = needObject(value, `tools[${index}]`);
  const type = tool["type"] ?? "custom";
  if (type !== "custom")
    refuseField(`tools[${index}].type`, `the provider's own tool ${showValue(type)} has no counterpart`);
  return {
    name: needText(tool["name"], `tools[${index}].name`),
    description: asText(tool["description"]),
    parameters: tool["input_schema"] ?? { type: "object", properties: {} },
    isStrict: typeof tool["strict"] === "boolean" ? tool["strict"] : undefined,
    ...(tool["cache_control"] ? { isCachePoint: true } : {}),
  };
}

function readToolChoice(value: unknown): Pick<NormalRequest, "toolChoice" | "allowsParallelTools"> {
  if (value === undefined || value === null) return { toolChoice: undefined, allowsParallelTools: undefined };
  const choice = needObject(value, "tool_choice");
  const { disable_parallel_tool_use: isDisabled } = choice;
  return {
    toolChoice: toolChoiceOf(choice),
    allowsParallelTools: typeof isDisabled === "boolean" ? !isDisabled : undefined,
  };
}

function toolChoiceOf(choice: JsonObject): NormalToolChoice {
  const { type } = choice;
  if (type === "auto" || type === "none") return { kind: type };
  if (type === "any") return { kind: "required" };
  if (type === "tool") return { kind: "tool", name: needText(choice["name"], "tool_choice.name") };
  return refuseField("tool_choice.type", `${showValue(type)} has no counterpart`);
}

function readFormat(value: unknown): NormalResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = needObject(value, "output_config.format");
  if (format["type"] !== "json_schema")
    refuseField("output_config.format.type", `${showValue(format["type"])} has no counterpart`);
  return { kind: "schema", name: "answer", schema: format["schema"] ?? {}, isStrict: true };
}

/** Thinking that is off or not spoken of gives no effort: a model that cannot think must not be sent one. */
function readThinking(value: unknown, effort: unknown): NormalReasoning | undefined {
  const given = readEffort(effort, "output_config.effort");
  const thinking = asObject(value);
  if (!thinking) return given;
  if (thinking["type"] === "disabled") return undefined;
  if (thinking["type"] === "enabled") {
    const tokens = optionalNumber(thinking, "budget_tokens") ?? refuseField("thinking.budget_tokens", "it is missing");
    return { kind: "budget", tokens };
  }
  // adaptive, and others that leave the amount to the model; high is Anthropic's own default.
  return given ?? { kind: "effort", effort: "high" };
}
