// Titles and texts come again: a knowledge base has some thousands, and every question about the same matter brings the
// same ones, though not always the same titles of a passage. To read one costs many times what comparing it costs, so what
// was read lately is kept, each title and each text by itself.

import type { AliasBook } from "./alias-book.ts";
import type { Passage } from "./read-prompt.ts";
import { indexText } from "./text-index.ts";
import type { AnalysedPassage } from "./weigh-passage.ts";
import { analyseQuestion, passageOf } from "./weigh-passage.ts";

/** Analyses a passage, or remembers how its titles and its text were analysed. */
export type PassageReader = (passage: Passage) => AnalysedPassage;

/** Titles and texts kept; the one that was not used for longest goes. */
const maxTitles = 12_000;
const maxTexts = 1_000;

/** Longer ones are analysed each time, so that the memo stays within some tens of megabytes. */
const maxTitleCharacters = 200;
const maxTextCharacters = 4_000;

/** Creates a reader with an empty memo. */
export function createPassageMemo(aliases: AliasBook): PassageReader {
  const readTitle = remember((title) => analyseQuestion(title, aliases), maxTitles, maxTitleCharacters);
  const readText = remember((text) => indexText(text, aliases), maxTexts, maxTextCharacters);
  return (passage) => passageOf(passage, passage.titles.map(readTitle), readText(passage.text), aliases);
}

function remember<Result extends object>(
  make: (text: string) => Result,
  limit: number,
  longest: number,
): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const result = known.get(text) ?? make(text);
    if (text.length > longest) return result;
    known.delete(text);
    known.set(text, result);
    for (const oldest of known.keys()) {
      if (known.size <= limit) break;
      known.delete(oldest);
    }
    return result;
  };
}
