// Okapi BM25 over the passages of one prompt: Robertson & Zaragoza, "The Probabilistic Relevance Framework" (2009), with
// the idf that stays positive as in Lucene. With a handful of passages it ranks well but says nothing absolute.

import type { ContentTerm } from "./content-terms.ts";
import type { TextIndex } from "./text-index.ts";
import { hanPairs } from "./han-pairs.ts";

const k1 = 1.2;
const b = 0.75;

/** Score of each text for the terms of a question, in the order of the texts; 0 is no match. */
export function bm25(terms: readonly ContentTerm[], texts: readonly TextIndex[]): number[] {
  const averageLength = texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length) || 1;
  const weighted = terms.flatMap(({ form, isHan, weight }) => {
    const keys = isHan && form.length > 1 ? hanPairs(form) : [form];
    return keys.map((key) => ({ key, weight: weight / keys.length, idf: idf(key, texts) }));
  });
  return texts.map(({ counts, length }) =>
    weighted.reduce((score, { key, weight, idf: rarity }) => {
      const frequency = counts.get(key) ?? 0;
      const norm = k1 * (1 - b + (b * length) / averageLength);
      return score + (weight * rarity * frequency * (k1 + 1)) / (frequency + norm);
    }, 0),
  );
}

function idf(key: string, texts: readonly TextIndex[]): number {
  const holding = texts.filter(({ counts }) => counts.has(key)).length;
  return Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5));
}
