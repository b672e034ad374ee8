// Okapi BM25 over the passages of one prompt: Robertson & Zaragoza, "The Probabilistic Relevance Framework" (2009), with
// the idf that stays positive as in Lucene. With a handful of passages it ranks well but says nothing absolute.

import type { ContentTerm } from "./content-terms.ts";
import type { TextIndex } from "./text-index.ts";
import { hanPairs } from "./han-pairs.ts";

const k1 = 1.2;
const b = 0.75;

/** Score of each text for the terms of a question, in the order of the texts, each given in parts; 0 is no match. */
export function bm25(terms: readonly ContentTerm[], texts: readonly (readonly TextIndex[])[]): number[] {
  const lengths = texts.map((parts) => parts.reduce((sum, { length }) => sum + length, 0));
  const averageLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, texts.length) || 1;
  const scores = texts.map(() => 0);
  for (const { form, isHan, weight } of terms) {
    const keys = isHan && form.length > 1 ? hanPairs(form) : [form];
    for (const key of keys) {
      const holding = texts.filter((parts) => parts.some(({ counts }) => counts.has(key))).length;
      const rarity = Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5));
      for (const [at, parts] of texts.entries()) {
        const frequency = parts.reduce((sum, { counts }) => sum + (counts.get(key) ?? 0), 0);
        const norm = k1 * (1 - b + (b * (lengths[at] ?? 0)) / averageLength);
        const score = ((weight / keys.length) * rarity * frequency * (k1 + 1)) / (frequency + norm);
        scores[at] = (scores[at] ?? 0) + score;
      }
    }
  }
  return scores;
}
