// The language in which a question is asked decides in which language the engine says that it cannot answer.

/** The languages whose words the engine knows. */
export type Language = "en" | "zh";

/** Chinese when the text holds a Han character: an English question holds none, a Chinese one about Docker does. */
export function languageOf(text: string): Language {
  return /\p{Script=Han}/u.test(text) ? "zh" : "en";
}
