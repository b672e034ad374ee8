// The HTTP face of the database: known answers, passages for a prompt, and the review of what models answered.
import type { Log } from "../shared/log.ts";
import type { Language } from "../shared/detect-language.ts";
import { detectLanguage } from "../shared/detect-language.ts";
import { readJsonObject } from "../shared/read-body.ts";
import { sendJson } from "../shared/respond.ts";
import { ServiceError } from "../shared/service-error.ts";
import type { RequestContext, Service } from "../shared/service.ts";
import { createAnswerStore } from "./answer-store.ts";
import type { AnswerState, AnswerStore } from "./answer-store.ts";
import type { Knowledge } from "./knowledge.ts";
import { openDatabase } from "./open-database.ts";
import { createPassageStore } from "./passage-store.ts";
import type { PassageStore } from "./passage-store.ts";
import { readAnswer } from "./read-answer.ts";

export interface DatabaseServiceOptions {
  /** Folder of the database's file; it must exist. */
  readonly folder: string;
  readonly knowledge: Knowledge;
  readonly log: Log;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly servesCandidates: boolean;
  readonly timeToLiveMs: number;
  readonly maximumCandidates: number;
}

/** Opens the file, imports the knowledge and returns the service, ready to listen. */
export function createDatabaseService(options: DatabaseServiceOptions): Service {
  const { folder, knowledge, log, now, servesCandidates, timeToLiveMs, maximumCandidates } = options;
  const database = openDatabase(folder);
  const passages = createPassageStore(database);
  const answers = createAnswerStore({
    database,
    now,
    timeToLiveMs,
    maximumCount: maximumCandidates,
    servesCandidates,
  });
  const isNew = passages.importKnowledge(knowledge);
  log.info("knowledge", { passages: knowledge.passages.length, imported: isNew });
  const readOn = (): void => {
    if (database.isOpen && passages.readAhead()) reading = setImmediate(readOn);
  };
  let reading = setImmediate(readOn);
  return {
    routes: [
      {
        method: "GET",
        path: "/answers",
        handle: (context) => findAnswer(context, passages, answers),
      },
      { method: "POST", path: "/answers", handle: (context) => addAnswer(context, answers) },
      { method: "GET", path: "/candidates", handle: (context) => listCandidates(context, answers) },
      {
        method: "POST",
        path: "/candidates/:id/approve",
        handle: (context) => judge(context, answers, "approved"),
      },
      {
        method: "POST",
        path: "/candidates/:id/reject",
        handle: (context) => judge(context, answers, "rejected"),
      },
      { method: "GET", path: "/passages", handle: (context) => findPassages(context, passages) },
    ],
    isHealthy: () => database.isOpen,
    settle: () => Promise.resolve(),
    dispose: () => {
      clearImmediate(reading);
      if (database.isOpen) database.close();
    },
  };
}

function findAnswer({ query, response }: RequestContext, passages: PassageStore, answers: AnswerStore): void {
  const question = requiredParameter(query, "question");
  const known = passages.findKnown(question, detectLanguage(question));
  if (known !== null) {
    const { id, answer, question: knownQuestion, title } = known;
    const sources = [{ id, title }];
    return sendJson(response, 200, {
      found: true,
      source: "knowledge",
      id,
      question: knownQuestion,
      answer,
      sources,
    });
  }
  const stored = answers.find(question);
  if (stored === null) return sendJson(response, 200, { found: false });
  const source = stored.state;
  sendJson(response, 200, { found: true, ...stored, source, id: String(stored.id) });
}

async function addAnswer({ request, response }: RequestContext, answers: AnswerStore): Promise<void> {
  const stored = answers.add(readAnswer(await readJsonObject(request)));
  sendJson(response, 201, stored);
}

function listCandidates({ query, response }: RequestContext, answers: AnswerStore): void {
  const state = oneOf(query, "state", ["candidate", "approved", "rejected"] as const) ?? "candidate";
  sendJson(response, 200, { candidates: answers.list(state satisfies AnswerState) });
}

async function judge(
  { request, response, parameters }: RequestContext,
  answers: AnswerStore,
  state: "approved" | "rejected",
): Promise<void> {
  // A JSON body, even an empty object, is asked for because no web page of another origin can send one unasked.
  await readJsonObject(request);
  const id = parameters["id"] ?? "";
  const judged = /^\d{1,15}$/.test(id) ? answers.judge(Number(id), state) : null;
  if (judged === null) throw new ServiceError(404, "QA_UNKNOWN_CANDIDATE", `There is no candidate ${id}.`);
  sendJson(response, 200, judged);
}

function findPassages({ query, response }: RequestContext, passages: PassageStore): void {
  const text = requiredParameter(query, "query");
  const language: Language | null = oneOf(query, "language", ["zh", "en"] as const);
  const limit = Number(query.get("limit") ?? 5);
  if (!Number.isInteger(limit) || limit < 1 || limit > 50) {
    throw new ServiceError(400, "QA_BAD_PARAMETER", `"limit" must be a whole number from 1 to 50.`);
  }
  sendJson(response, 200, { passages: passages.search(text, { language, limit }) });
}

function requiredParameter(query: URLSearchParams, name: string): string {
  const value = query.get(name)?.trim() ?? "";
  if (value === "") throw new ServiceError(400, "QA_BAD_PARAMETER", `The parameter "${name}" is missing.`);
  return value;
}

function oneOf<Value extends string>(query: URLSearchParams, name: string, values: readonly Value[]): Value | null {
  const text = query.get(name);
  if (text === null) return null;
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) {
    throw new ServiceError(400, "QA_BAD_PARAMETER", `"${name}" must be ${values.join(" or ")}.`);
  }
  return value;
}
