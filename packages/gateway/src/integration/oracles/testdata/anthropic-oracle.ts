// The `@anthropic-ai/sdk` package: messages, whole and through its stream accumulator.
import Anthropic from "@anthropic-ai/sdk";
import { plain, type Oracle } from "./oracle.ts";
import { ANSWER_SCHEMA, QUESTION, TOOLS, type Scenario } from "./scenarios.ts";

/** Messages. */
export const anthropicMessages: Oracle = {
  name: "anthropic messages",
  face: "messages",
  async ask({ target, scenario, isStream, onContent, signal }) {
    // It adds /v1 by itself.
    const client = new Anthropic({ baseURL: target.baseUrl.replace(/\/v1$/, ""), apiKey: target.key, maxRetries: 0 });
    const body = { model: target.model, ...question(scenario) };
    const options = signal ? { signal } : {};
    if (!isStream) return plain(await client.messages.create({ ...body, stream: false }, options));
    const stream = client.messages.stream(body, options);
    if (onContent) stream.once("text", onContent);
    return plain(await stream.finalMessage());
  },
};

function question(scenario: Scenario["name"]) {
  const base = { max_tokens: 4_000, messages: [{ role: "user" as const, content: QUESTION }] };
  if (scenario === "tools") {
    const tools = TOOLS.map(({ name, description, schema }) => ({
      name,
      description,
      input_schema: schema as Anthropic.Tool.InputSchema,
    }));
    return { ...base, tools };
  }
  if (scenario === "structured") {
    const schema = ANSWER_SCHEMA as Record<string, unknown>;
    return { ...base, output_config: { format: { type: "json_schema" as const, schema } } };
  }
  return scenario === "reasoning" ? { ...base, thinking: { type: "enabled" as const, budget_tokens: 1_024 } } : base;
}
