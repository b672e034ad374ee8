// The rules of the evaluation. A known question is right when it is answered and the passage cited first is the one that
// holds the answer; an unknown question is right when the service says that it cannot answer, and invented otherwise.
import { detectLanguage } from "./services/shared/detect-language.ts";
import type { Language } from "./services/shared/detect-language.ts";

/** Bars that each language must reach. */
const minimumRight = 0.9;
const maximumInvented = 0.05;

/** A question with the id of the passage that answers it, or null when nothing does. */
export interface EvaluationQuestion {
  readonly question: string;
  readonly id: string | null;
}

/** What `/ask` said, as far as it counts; null when it failed. */
export interface Reply {
  readonly answerable: boolean;
  readonly sourceId: string | null;
}

/** What a reply is worth. */
export interface Verdict {
  readonly language: Language;
  readonly isKnown: boolean;
  readonly outcome: "right" | "wrong" | "unanswered" | "invented" | "failed";
  readonly detail: string;
}

/** Reads {"answerable": [{question, id}], "unknown": [{question}]}. Throws an Error on any other shape. */
export function readEvaluation(text: string): EvaluationQuestion[] {
  const { answerable, unknown } = JSON.parse(text) as Record<
    string,
    { question?: unknown; id?: unknown }[] | undefined
  >;
  if (!Array.isArray(answerable) || !Array.isArray(unknown))
    throw new Error(`"answerable" and "unknown" must be lists.`);
  const read = (entry: { question?: unknown; id?: unknown }, needsId: boolean): EvaluationQuestion => {
    const { question, id } = entry;
    if (typeof question !== "string" || (needsId && typeof id !== "string")) {
      throw new Error(`This entry is not complete: ${JSON.stringify(entry)}`);
    }
    return { question, id: needsId ? String(id) : null };
  };
  return [...answerable.map((entry) => read(entry, true)), ...unknown.map((entry) => read(entry, false))];
}

/** Asks one question; null when there is no answer with status 200. */
export async function askQuestion(address: string, question: string): Promise<Reply | null> {
  try {
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ question }),
    });
    if (response.status !== 200) return null;
    const body = (await response.json()) as { answerable: boolean; sources: { id: string }[] };
    return { answerable: body.answerable, sourceId: body.sources[0]?.id ?? null };
  } catch {
    return null;
  }
}

/** Judges one reply. */
export function judgeReply({ question, id }: EvaluationQuestion, reply: Reply | null): Verdict {
  const about = { language: detectLanguage(question), isKnown: id !== null };
  if (reply === null) return { ...about, outcome: "failed", detail: "no answer" };
  const detail = `${reply.sourceId ?? "no source"}${id === null ? "" : `, expected ${id}`}`;
  if (id === null) return { ...about, outcome: reply.answerable ? "invented" : "right", detail };
  if (!reply.answerable) return { ...about, outcome: "unanswered", detail };
  return { ...about, outcome: reply.sourceId === id ? "right" : "wrong", detail };
}

/** A line for each language and whether all bars are reached; a question that failed counts against both. */
export function summarise(verdicts: readonly Verdict[]): { text: string; passed: boolean } {
  const lines: string[] = [];
  let passed = verdicts.length > 0;
  for (const language of ["zh", "en"] as const) {
    const own = verdicts.filter((verdict) => verdict.language === language);
    if (own.length === 0) continue;
    const known = own.filter(({ isKnown }) => isKnown);
    const unknown = own.filter(({ isKnown }) => !isKnown);
    const count = (list: readonly Verdict[], outcome: Verdict["outcome"]): number =>
      list.filter((verdict) => verdict.outcome === outcome).length;
    const right = count(known, "right") / Math.max(1, known.length);
    const invented = (unknown.length - count(unknown, "right")) / Math.max(1, unknown.length);
    passed &&= (known.length === 0 || right >= minimumRight) && invented <= maximumInvented;
    lines.push(
      `${language}: known ${known.length}, right ${percent(right)}, wrong ${count(known, "wrong")}, ` +
        `unanswered ${count(known, "unanswered")}; unknown ${unknown.length}, invented ${percent(invented)}; ` +
        `failed ${count(own, "failed")}`,
    );
  }
  lines.push(passed ? "passed" : `failed: each language needs right ≥ 90.0 % and invented ≤ 5.0 %`);
  return { text: lines.join("\n"), passed };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
