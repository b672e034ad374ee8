// The door of the app: takes a question, gives an answer as JSON or as a stream, and keeps a model's answer as a
// candidate for review.
import { detectLanguage } from "../shared/detect-language.ts";
import { wantsEventStream, writeEvent } from "../shared/event-stream.ts";
import type { Log } from "../shared/log.ts";
import { sendJson } from "../shared/respond.ts";
import { ServiceError } from "../shared/service-error.ts";
import type { RequestContext, Service } from "../shared/service.ts";
import { askLanguage, findKnownAnswer, streamLanguage } from "./find-answer.ts";
import type { Answer, AnswerSources, Asked } from "./find-answer.ts";
import { createCandidateKeeper } from "./keep-candidates.ts";
import { readQuestion } from "./read-question.ts";

export interface QuestionServiceOptions extends AnswerSources {
  readonly log: Log;
  /** Version of the app that gives the answers, or null. */
  readonly revision: string | null;
}

const usage = {
  name: "question",
  ask: `curl -X POST -d "question=什么是人工智能？" http://<this address>/ask`,
  forms: [`question=… (application/x-www-form-urlencoded)`, `{"question": "…"} (application/json)`],
  stream: "accept: text/event-stream",
};

/** The service, ready to listen; `dispose` closes the connections of both services behind it. */
export function createQuestionService(options: QuestionServiceOptions): Service {
  const { database, language, log, revision } = options;
  const candidates = createCandidateKeeper(database, revision, log);
  const ask = async (context: RequestContext): Promise<void> => {
    const question = await readQuestion(context.request);
    const asked = { question, language: detectLanguage(question), signal: context.signal };
    const answer = wantsEventStream(context.request)
      ? await answerAsStream(context, asked, options)
      : await answerWhole(context, asked, options);
    if (answer !== null) candidates.keep(answer);
  };
  return {
    routes: [
      { method: "GET", path: "/", handle: ({ response }) => sendJson(response, 200, usage) },
      { method: "POST", path: "/ask", handle: ask },
    ],
    isHealthy: () => true,
    settle: () => candidates.settle(),
    dispose: () => {
      database.dispose();
      language.dispose();
    },
  };
}

async function answerWhole({ response }: RequestContext, asked: Asked, sources: AnswerSources): Promise<Answer> {
  const known = await findKnownAnswer(sources.database, asked);
  const answer = known ?? (await askLanguage(sources.language, asked));
  sendJson(response, 200, answer);
  return answer;
}

async function answerAsStream(
  { response, signal }: RequestContext,
  asked: Asked,
  { database, language, log }: QuestionServiceOptions,
): Promise<Answer | null> {
  const writeText = (text: string): Promise<void> => writeEvent(response, "delta", { text }, signal);
  let answer: Answer | null = null;
  try {
    answer = await findKnownAnswer(database, asked);
    if (answer !== null) await writeText(answer.answer);
    answer ??= await streamLanguage(language, asked, writeText);
    await writeEvent(response, "done", answer, signal);
  } catch (error) {
    // Before the first piece the true status can still be sent; after it, only an event can tell.
    if (!response.headersSent || signal.aborted || !(error instanceof ServiceError)) throw error;
    log.warn("stream-failed", { code: error.code });
    await writeEvent(response, "error", { code: error.code, message: error.message }, signal);
  }
  response.end();
  return answer;
}
