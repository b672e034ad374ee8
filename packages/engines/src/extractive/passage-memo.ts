// Passages come again: a knowledge base has hundreds, and every question about the same matter brings the same ones. To read a passage
// costs many times what comparing it costs, so what was read lately is kept.

import type { AliasBook } from "./alias-book.ts";
import type { Passage } from "./read-prompt.ts";
import type { AnalysedPassage } from "./weigh-passage.ts";
import { analysePassage } from "./weigh-passage.ts";

/** Analyses a passage, or remembers how it was analysed. */
export type PassageReader = (passage: Passage) => AnalysedPassage;

/** Passages kept; the one that was not used for longest goes. */
const maxPassages = 1_000;

/** Longer ones are analysed each time, so that the memo stays within some tens of megabytes. */
const maxCharacters = 4_000;

/** Creates a reader with an empty memo. */
export function createPassageMemo(aliases: AliasBook): PassageReader {
  const known = new Map<string, AnalysedPassage>();
  return (passage) => {
    const key = [passage.text, ...passage.titles].join("\0");
    if (key.length > maxCharacters) return analysePassage(passage, aliases);
    const analysed = known.get(key) ?? analysePassage(passage, aliases);
    known.delete(key);
    known.set(key, analysed);
    for (const oldest of known.keys()) {
      if (known.size <= maxPassages) break;
      known.delete(oldest);
    }
    // The number is the prompt's, not the passage's.
    return { ...analysed, passage };
  };
}
