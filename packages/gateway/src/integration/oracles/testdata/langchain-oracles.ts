// The `@langchain/openai` package, which speaks chat completions or responses.
import { ChatOpenAI } from "@langchain/openai";
import { plain, type Oracle, type Target } from "./oracle.ts";
import { ANSWER_SCHEMA, QUESTION, TOOLS, type Scenario } from "./scenarios.ts";

function langchainOracle(face: "chat" | "responses"): Oracle {
  return {
    name: `langchain ${face}`,
    face,
    async ask({ target, scenario, isStream, onContent, signal }) {
      const model = modelOf(target, face);
      const options = { ...callOptions(scenario), ...(signal ? { signal } : {}) };
      if (!isStream) return plain(await model.invoke(QUESTION, options));
      const chunks = await model.stream(QUESTION, options);
      let all: Awaited<ReturnType<typeof chunks.next>>["value"];
      for await (const chunk of chunks) {
        if (chunk.text !== "") onContent?.();
        all = all === undefined ? chunk : all.concat(chunk);
      }
      return plain(all);
    },
  };
}

/** Both of them. */
export const LANGCHAIN_ORACLES: readonly Oracle[] = [langchainOracle("chat"), langchainOracle("responses")];

function modelOf({ baseUrl, key, model }: Target, face: "chat" | "responses"): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: key,
    maxTokens: 400,
    maxRetries: 0,
    useResponsesApi: face === "responses",
    configuration: { baseURL: baseUrl },
  });
}

function callOptions(scenario: Scenario["name"]) {
  if (scenario === "tools") {
    const tools = TOOLS.map(({ name, description, schema }) => ({
      type: "function" as const,
      function: { name, description, parameters: schema as Record<string, unknown> },
    }));
    return { tools };
  }
  if (scenario !== "structured") return {};
  const schema = ANSWER_SCHEMA as Record<string, unknown>;
  return { response_format: { type: "json_schema" as const, json_schema: { name: "answer", strict: true, schema } } };
}
