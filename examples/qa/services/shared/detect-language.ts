// The knowledge base has two languages, and one Han character is enough to tell them apart: an English question does not
// hold one, a Chinese question about Docker does.

/** Language of a question and of its answer. */
export type Language = "zh" | "en";

/** Chinese when the text holds a Han character, else English. */
export function detectLanguage(text: string): Language {
  return /\p{Script=Han}/u.test(text) ? "zh" : "en";
}

const refusals = { zh: "无法回答该问题。", en: "I cannot answer this question." } as const;

/** The sentence that says, in the language of the question, that nothing is known. */
export function refusalIn(language: Language): string {
  return refusals[language];
}

/** True when a text is, or begins with, the refusal in either language. */
export function isRefusal(text: string): boolean {
  const bare = text
    .trim()
    .replace(/^["'“‘「\s]+/u, "")
    .toLowerCase();
  return Object.values(refusals).some((refusal) => bare.startsWith(refusal.slice(0, -1).toLowerCase()));
}
