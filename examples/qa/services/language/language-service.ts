// Answers a question from the passages that the database finds for it: retrieval, prompt, model, judgement. Without a
// passage the model is not asked, because there is nothing that it could answer from.
import { detectLanguage } from "../shared/detect-language.ts";
import { wantsEventStream, writeEvent } from "../shared/event-stream.ts";
import type { Log } from "../shared/log.ts";
import { readJsonObject } from "../shared/read-body.ts";
import { sendJson } from "../shared/respond.ts";
import { ServiceError } from "../shared/service-error.ts";
import type { RequestContext, Service } from "../shared/service.ts";
import type { Upstream } from "../shared/upstream.ts";
import type { ChatModel, ModelReply } from "./chat-model.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { buildPrompt } from "./prompt.ts";
import type { Passage } from "./prompt.ts";
import { retrievePassages } from "./retrieve-passages.ts";

export interface LanguageServiceOptions {
  readonly database: Upstream;
  readonly model: ChatModel;
  readonly log: Log;
}

/** The service, ready to listen. It does not own what it is given; `dispose` closes the database's connections only. */
export function createLanguageService({ database, model, log }: LanguageServiceOptions): Service {
  return {
    routes: [
      {
        method: "POST",
        path: "/answer",
        handle: (context) => answer(context, database, model, log),
      },
    ],
    isHealthy: () => true,
    settle: () => Promise.resolve(),
    dispose: () => database.dispose(),
  };
}

async function answer(context: RequestContext, database: Upstream, model: ChatModel, log: Log): Promise<void> {
  const { request, response, signal } = context;
  const question = readQuestion(await readJsonObject(request));
  const language = detectLanguage(question);
  const passages = await retrievePassages(database, question, language, signal);
  const isStream = wantsEventStream(request);
  const finish = (reply: ModelReply): unknown => ({
    ...judgeAnswer(reply.text, language, passages),
    model: reply.model,
    answered_by: reply.answeredBy,
  });
  if (passages.length === 0) {
    const nothing = finish({ text: "", model: "none", answeredBy: "none" }) as { answer: string };
    if (!isStream) return sendJson(response, 200, nothing);
    await writeEvent(response, "delta", { text: nothing.answer }, signal);
    await writeEvent(response, "done", nothing, signal);
    response.end();
    return;
  }
  const prompt = buildPrompt(question, language, passages satisfies Passage[]);
  if (!isStream) return sendJson(response, 200, finish(await model.ask(prompt, signal)));
  try {
    const reply = await model.stream(prompt, signal, (text) => writeEvent(response, "delta", { text }, signal));
    await writeEvent(response, "done", finish(reply), signal);
  } catch (error) {
    // Before the first piece the true status can still be sent; after it, only an event can tell.
    if (!response.headersSent || signal.aborted || !(error instanceof ServiceError)) throw error;
    log.warn("stream-failed", { code: error.code });
    await writeEvent(response, "error", { code: error.code, message: error.message }, signal);
  }
  response.end();
}

function readQuestion(body: Record<string, unknown>): string {
  const question = body["question"];
  if (typeof question !== "string" || question.trim() === "") {
    throw new ServiceError(400, "QA_EMPTY_QUESTION", `The body needs a "question".`);
  }
  return question.trim();
}
