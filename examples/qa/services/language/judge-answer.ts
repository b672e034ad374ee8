// Reads what a model said: is it an answer, and which passages does it cite?
import { isRefusal, refusalIn } from "../shared/detect-language.ts";
import type { Language } from "../shared/detect-language.ts";
import type { Passage } from "./prompt.ts";

/** A passage that an answer cites; `number` is the one in its marks, such as [2]. */
interface CitedSource {
  readonly id: string;
  /** The first question of the passage. */
  readonly title: string;
  readonly number: number;
}

/** What a model's text amounts to. */
export interface JudgedAnswer {
  readonly answer: string;
  readonly answerable: boolean;
  /** In the order in which the answer cites them; empty when it cites none. */
  readonly sources: readonly CitedSource[];
}

/** Judges a text; an empty one, or one that begins with the refusal, is no answer. */
export function judgeAnswer(text: string, language: Language, passages: readonly Passage[]): JudgedAnswer {
  const answer = text.trim();
  if (answer === "" || isRefusal(answer)) {
    return { answer: refusalIn(language), answerable: false, sources: [] };
  }
  const numbers = new Set([...answer.matchAll(/[[［【](\d{1,2})[\]］】]/gu)].map((mark) => Number(mark[1])));
  const sources = [...numbers].flatMap((number) => {
    const passage = passages[number - 1];
    return passage === undefined ? [] : [{ id: passage.id, title: firstQuestion(passage.title), number }];
  });
  return { answer, answerable: true, sources };
}

function firstQuestion(title: string): string {
  return title.split(" | ")[0] ?? title;
}
