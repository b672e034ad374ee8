// The two sentences by which callers recognise that nothing in the passages answers the question. They never change.

import type { Language } from "./language-of.ts";

const refusals: Readonly<Record<Language, string>> = {
  en: "I cannot answer this question.",
  zh: "无法回答该问题。",
};

/** The whole answer when the passages do not answer a question of this language. */
export function refusalIn(language: Language): string {
  return refusals[language];
}
