// The `openai` package: chat completions and responses, whole and through its stream accumulators.
import OpenAI from "openai";
import { plain, type Oracle, type Target } from "./oracle.ts";
import { ANSWER_SCHEMA, QUESTION, TOOLS, type Scenario } from "./scenarios.ts";

const clientOf = ({ baseUrl, key }: Target): OpenAI => new OpenAI({ baseURL: baseUrl, apiKey: key, maxRetries: 0 });

/** Chat completions. */
export const openAiChat: Oracle = {
  name: "openai chat completions",
  face: "chat",
  async ask({ target, scenario, isStream, onContent, signal }) {
    const client = clientOf(target);
    const body = { model: target.model, ...chatQuestion(scenario) };
    const options = signal ? { signal } : {};
    if (!isStream) return plain(await client.chat.completions.create({ ...body, stream: false }, options));
    const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } }, options);
    if (onContent) stream.once("content", onContent);
    return plain(await stream.finalChatCompletion());
  },
};

function chatQuestion(scenario: Scenario["name"]) {
  const base = { messages: [{ role: "user" as const, content: QUESTION }], max_tokens: 400 };
  if (scenario === "tools") {
    const tools = TOOLS.map(({ name, description, schema }) => ({
      type: "function" as const,
      function: { name, description, parameters: schema as Record<string, unknown> },
    }));
    return { ...base, tools, parallel_tool_calls: true };
  }
  if (scenario === "structured") {
    const schema = ANSWER_SCHEMA as Record<string, unknown>;
    const json_schema = { name: "answer", strict: true, schema };
    return { ...base, response_format: { type: "json_schema" as const, json_schema } };
  }
  return scenario === "reasoning" ? { ...base, reasoning_effort: "low" as const } : base;
}

/** Responses. */
export const openAiResponses: Oracle = {
  name: "openai responses",
  face: "responses",
  async ask({ target, scenario, isStream, onContent, signal }) {
    const client = clientOf(target);
    const body = { model: target.model, ...responsesQuestion(scenario) };
    const options = signal ? { signal } : {};
    if (!isStream) return plain(await client.responses.create({ ...body, stream: false }, options));
    const stream = client.responses.stream(body, options);
    if (onContent) stream.once("response.output_text.delta", onContent);
    return plain(await stream.finalResponse());
  },
};

function responsesQuestion(scenario: Scenario["name"]) {
  const base = { input: QUESTION, max_output_tokens: 400, store: false };
  if (scenario === "tools") {
    const tools = TOOLS.map(({ name, description, schema }) => ({
      type: "function" as const,
      name,
      description,
      parameters: schema as Record<string, unknown>,
      strict: false,
    }));
    return { ...base, tools, parallel_tool_calls: true };
  }
  if (scenario === "structured") {
    const schema = ANSWER_SCHEMA as Record<string, unknown>;
    return { ...base, text: { format: { type: "json_schema" as const, name: "answer", strict: true, schema } } };
  }
  return scenario === "reasoning" ? { ...base, reasoning: { effort: "low" as const } } : base;
}
