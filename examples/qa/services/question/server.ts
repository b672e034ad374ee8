// Starts the question service, the one that people talk to.
import { runService } from "../shared/run-service.ts";
import { numberSetting, optionalSetting, urlSetting } from "../shared/settings.ts";
import { createUpstream } from "../shared/upstream.ts";
import { createQuestionService } from "./question-service.ts";

await runService("question", (environment, log) =>
  createQuestionService({
    database: createUpstream({
      baseUrl: urlSetting(environment, "FLYBALL_DATABASE_URL"),
      timeoutMs: 5_000,
    }),
    language: createUpstream({
      baseUrl: urlSetting(environment, "FLYBALL_LANGUAGE_URL"),
      timeoutMs: numberSetting(environment, "QA_LANGUAGE_TIMEOUT_MS", {
        fallback: 30_000,
        minimum: 1,
        maximum: 3_600_000,
      }),
    }),
    log,
    revision: optionalSetting(environment, "QA_REVISION"),
  }),
);
