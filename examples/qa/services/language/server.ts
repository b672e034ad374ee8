// Starts the language service: it asks the model that the environment grants, and never another one.
import { runService } from "../shared/run-service.ts";
import { numberSetting, requiredSetting, urlSetting } from "../shared/settings.ts";
import { createUpstream } from "../shared/upstream.ts";
import { createChatModel } from "./chat-model.ts";
import { createLanguageService } from "./language-service.ts";

// LangChain sends questions and answers to a tracing service when one of these is set somewhere; here it must not.
for (const name of ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"]) {
  delete process.env[name];
}

await runService("language", (environment, log) =>
  createLanguageService({
    database: createUpstream({
      baseUrl: urlSetting(environment, "FLYBALL_DATABASE_URL"),
      timeoutMs: 5_000,
    }),
    model: createChatModel({
      baseUrl: urlSetting(environment, "OPENAI_BASE_URL"),
      model: requiredSetting(environment, "OPENAI_MODEL"),
      apiKey: requiredSetting(environment, "OPENAI_API_KEY"),
      timeoutMs: numberSetting(environment, "QA_MODEL_TIMEOUT_MS", {
        fallback: 25_000,
        minimum: 1,
        maximum: 3_600_000,
      }),
    }),
    log,
  }),
);
