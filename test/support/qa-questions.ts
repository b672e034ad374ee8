// Questions for examples/qa that the model can answer and the database does not know: each question of the knowledge base behind a few
// polite words, which the look-up of known questions does not strip. All are different.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./app-rig.ts";

const KNOWLEDGE = join(CHECKOUT, "examples", "qa", "knowledge");

interface Entry {
  readonly en: { readonly questions: readonly string[] };
  readonly zh: { readonly questions: readonly string[] };
}

/** More than a thousand different questions, English and Chinese in turn. */
export function unknownQuestions(): readonly string[] {
  const entries = readdirSync(KNOWLEDGE)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .flatMap((name) => JSON.parse(readFileSync(join(KNOWLEDGE, name), "utf8")) as Entry[]);
  const longest = Math.max(...entries.flatMap(({ en, zh }) => [en.questions.length, zh.questions.length]));
  const all: string[] = [];
  for (let place = 0; place < longest; place += 1) {
    for (const { en, zh } of entries) {
      const [english, chinese] = [en.questions[place], zh.questions[place]];
      if (english !== undefined) all.push(`Can somebody help me? ${english}`);
      if (chinese !== undefined) all.push(`能否告诉我，${chinese}`);
    }
  }
  return [...new Set(all)];
}
