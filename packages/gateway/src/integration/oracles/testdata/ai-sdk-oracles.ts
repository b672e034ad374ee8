// The `ai` package with its OpenAI, OpenAI-compatible and Anthropic providers.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, streamText, tool, type LanguageModel } from "ai";
import { plain, type Oracle, type Question, type Target } from "./oracle.ts";
import { ANSWER_SCHEMA, QUESTION, TOOLS } from "./scenarios.ts";

type MakeModel = (target: Target) => LanguageModel;

function aiOracle(name: string, face: Oracle["face"], makeModel: MakeModel): Oracle {
  return { name: `ai with ${name}`, face, ask: (question) => askModel(makeModel(question.target), question) };
}

/** All of them. */
export const AI_SDK_ORACLES: readonly Oracle[] = [
  aiOracle("@ai-sdk/openai chat", "chat", ({ baseUrl, key, model }) =>
    createOpenAI({ baseURL: baseUrl, apiKey: key }).chat(model),
  ),
  aiOracle("@ai-sdk/openai responses", "responses", ({ baseUrl, key, model }) =>
    createOpenAI({ baseURL: baseUrl, apiKey: key }).responses(model),
  ),
  aiOracle("@ai-sdk/openai-compatible", "chat", ({ baseUrl, key, model }) =>
    createOpenAICompatible({
      name: "flyball",
      baseURL: baseUrl,
      apiKey: key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })(model),
  ),
  aiOracle("@ai-sdk/anthropic", "messages", ({ baseUrl, key, model }) =>
    createAnthropic({ baseURL: baseUrl, apiKey: key })(model),
  ),
];

async function askModel(model: LanguageModel, { scenario, isStream, onContent, signal }: Question): Promise<unknown> {
  const tools = TOOLS.map(({ name, description, schema }) => [
    name,
    tool({ description, inputSchema: jsonSchema(schema) }),
  ]);
  const settings = {
    model,
    prompt: QUESTION,
    maxOutputTokens: 400,
    maxRetries: 0,
    ...(signal ? { abortSignal: signal } : {}),
    ...(scenario === "tools" ? { tools: Object.fromEntries(tools) } : {}),
    ...(scenario === "structured" ? { output: Output.object({ schema: jsonSchema(ANSWER_SCHEMA) }) } : {}),
  };
  if (!isStream) {
    const result = await generateText(settings);
    const { text, reasoningText, finishReason, usage } = result;
    return plain({
      text,
      reasoningText,
      finishReason,
      usage,
      toolCalls: result.toolCalls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input })),
      ...(scenario === "structured" ? { output: result.output } : {}),
    });
  }
  const errors: unknown[] = [];
  const result = streamText({ ...settings, onError: ({ error }) => void errors.push(error) });
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") onContent?.();
    if (part.type === "error") throw part.error;
    if (part.type === "abort") throw signal?.reason;
  }
  const toolCalls = await result.toolCalls;
  return plain({
    text: await result.text,
    reasoningText: await result.reasoningText,
    finishReason: await result.finishReason,
    usage: await result.usage,
    toolCalls: toolCalls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input })),
    ...(scenario === "structured" ? { output: await result.output } : {}),
  });
}
