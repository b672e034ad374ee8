// Where answers come from: first the database, which knows its questions exactly; then the language service. Nothing is
// repeated here, because the gateway in between repeats what is safe to repeat.
import type { Language } from "../shared/detect-language.ts";
import { ServiceError } from "../shared/service-error.ts";
import type { StreamEvent } from "../shared/event-stream.ts";
import type { Upstream } from "../shared/upstream.ts";
import { errorIn, upstreamError } from "../shared/upstream-error.ts";

/** A source of an answer; `number` is the one in the answer's marks, where it has marks. */
interface Source {
  readonly id: string;
  readonly title: string;
  readonly number?: number;
}

/** What `/ask` answers with. */
export interface Answer {
  readonly question: string;
  readonly answer: string;
  readonly answerable: boolean;
  /** "candidate" only where the database is set to serve what nobody has approved. */
  readonly source: "knowledge" | "approved" | "candidate" | "model" | "none";
  /** Who wrote the answer: "knowledge", "extractive", a model's name, or "none". */
  readonly answered_by: string;
  readonly sources: readonly Source[];
  readonly language: Language;
}

/** The two services behind `/ask`. */
export interface AnswerSources {
  readonly database: Upstream;
  readonly language: Upstream;
}

/** A question on its way. */
export interface Asked {
  readonly question: string;
  readonly language: Language;
  readonly signal: AbortSignal;
}

/** Longer questions than this are not looked up as known ones: they do not fit a request line and are never known. */
export const maximumKnownCharacters = 400;

/** The known or approved answer, or null. Throws a ServiceError when the database does not answer. */
export async function findKnownAnswer(database: Upstream, asked: Asked): Promise<Answer | null> {
  const { question, language, signal } = asked;
  if (Array.from(question).length > maximumKnownCharacters) return null;
  const query = new URLSearchParams({ question });
  const result = await database.call({ method: "GET", path: `/answers?${query.toString()}`, signal });
  if (result.kind !== "answered" || result.status !== 200) throw upstreamError("DATABASE", result);
  const body = (result.body ?? {}) as KnownBody;
  if (body.found !== true) return null;
  const { answer, source, sources, model } = body;
  const answered_by = source === "knowledge" ? "knowledge" : (model ?? source);
  return { question, answer, answerable: true, source, answered_by, sources, language };
}

interface KnownBody {
  readonly found?: boolean;
  readonly answer: string;
  readonly source: "knowledge" | "approved" | "candidate";
  readonly sources: Source[];
  readonly model?: string;
}

/** Asks the language service for the whole answer. Throws a ServiceError when there is none. */
export async function askLanguage(service: Upstream, asked: Asked): Promise<Answer> {
  const { question, signal } = asked;
  const result = await service.call({
    method: "POST",
    path: "/answer",
    body: { question },
    signal,
  });
  if (result.kind !== "answered" || result.status !== 200) throw upstreamError("LANGUAGE", result);
  return toAnswer(asked, result.body);
}

/** The same as it comes: `onText` sees each piece. */
export async function streamLanguage(
  service: Upstream,
  asked: Asked,
  onText: (text: string) => Promise<void>,
): Promise<Answer> {
  const { question, signal } = asked;
  const result = await service.call({
    method: "POST",
    path: "/answer",
    body: { question },
    stream: true,
    signal,
  });
  if (result.kind !== "streaming") throw upstreamError("LANGUAGE", result);
  let answer: Answer | null = null;
  try {
    for await (const event of result.events) {
      if (event.event === "delta") await onText((event.data as { text: string }).text);
      else if (event.event === "error") throw streamedError(event);
      else if (event.event === "done") answer = toAnswer(asked, event.data);
    }
  } catch (error) {
    if (error instanceof ServiceError || signal.aborted) throw error;
    throw upstreamError("LANGUAGE", {
      kind: "broken",
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  if (answer === null) throw upstreamError("LANGUAGE", { kind: "broken", reason: "the stream ended early" });
  return answer;
}

function streamedError({ data }: StreamEvent): ServiceError {
  const { code, message } = errorIn({ error: data });
  return new ServiceError(502, code ?? "QA_LANGUAGE_FAILED", message ?? "The language service failed.");
}

function toAnswer({ question, language }: Asked, body: unknown): Answer {
  const { answer, answerable, sources, answered_by } = (body ?? {}) as Record<string, unknown>;
  if (typeof answer !== "string" || typeof answerable !== "boolean" || !Array.isArray(sources)) {
    throw new ServiceError(502, "QA_LANGUAGE_FAILED", "The language service sent no answer.");
  }
  return {
    question,
    answer,
    answerable,
    source: answerable ? "model" : "none",
    answered_by: typeof answered_by === "string" ? answered_by : "none",
    sources: sources as Source[],
    language,
  };
}
