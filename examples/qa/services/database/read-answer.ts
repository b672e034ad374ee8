// Checks what is posted as a model's answer: the database trusts nothing that it will later serve.
import { ServiceError } from "../shared/service-error.ts";
import type { NewAnswer, Source } from "./answer-store.ts";

/** Longest accepted fields, in UTF-16 units, and most sources. */
const maximumLengths = {
  question: 4_000,
  answer: 20_000,
  model: 200,
  revision: 200,
  id: 200,
  title: 500,
} as const;
const maximumSources = 20;

/** Reads a posted answer or throws a ServiceError with status 400. */
export function readAnswer(body: Record<string, unknown>): NewAnswer {
  const sources = body["sources"] ?? [];
  if (!Array.isArray(sources) || sources.length > maximumSources) {
    throw wrong(`"sources" must be a list of at most ${maximumSources}.`);
  }
  return {
    question: text(body["question"], "question"),
    answer: text(body["answer"], "answer"),
    model: text(body["model"], "model"),
    revision: body["revision"] === undefined || body["revision"] === null ? null : text(body["revision"], "revision"),
    sources: sources.map(readSource),
  };
}

function readSource(value: unknown): Source {
  if (typeof value !== "object" || value === null) throw wrong("A source must be an object.");
  const source = value as Record<string, unknown>;
  return { id: text(source["id"], "id"), title: text(source["title"], "title") };
}

function text(value: unknown, name: keyof typeof maximumLengths): string {
  const maximum = maximumLengths[name];
  if (typeof value !== "string" || value.trim() === "" || value.length > maximum) {
    throw wrong(`"${name}" must be text of 1 to ${maximum} characters.`);
  }
  return value;
}

function wrong(message: string): ServiceError {
  return new ServiceError(400, "QA_BAD_ANSWER", message);
}
