// What a text contains, in the form in which questions are compared with it. English is looked up by stem; Chinese by pairs
// of neighbouring characters, because word borders in Chinese are a guess and pairs find a word however it was cut.

import type { AliasBook } from "./alias-book.ts";
import { hanPairs } from "./han-pairs.ts";
import { stemEnglish } from "./stem-english.ts";
import { tokenize } from "./tokenize.ts";

/** The contents of one text, widened by aliases. */
export interface TextIndex {
  /** How often each term (stem, or pair of Han characters) occurs; aliases count 0. */
  readonly counts: ReadonlyMap<string, number>;
  /** Every Han character of the text and its aliases. */
  readonly characters: ReadonlySet<string>;
  /** The terms that are long enough to stand for longer ones, and those for them. */
  readonly longTerms: readonly string[];
  /** Sum of the counts. */
  readonly length: number;
}

/** A term of this length stands for the longer ones that it begins: backprop. */
export const longTermLength = 8;

function longTermsOf(counts: ReadonlyMap<string, number>): string[] {
  return [...counts.keys()].filter((term) => term.length >= longTermLength);
}

const hanRun = /\p{Script=Han}+/gu;

/** Indexes a text. */
export function indexText(text: string, aliases: AliasBook): TextIndex {
  const folded = text.normalize("NFKC").toLowerCase();
  const tokens = tokenize(text);
  const counts = new Map<string, number>();
  const characters = new Set<string>();
  let length = 0;
  const count = (term: string): void => {
    counts.set(term, (counts.get(term) ?? 0) + 1);
    length += 1;
  };
  for (const token of tokens) {
    if (token.isHan) continue;
    count(token.form);
    for (const part of token.parts) if (!counts.has(part)) counts.set(part, 0);
  }
  for (const [run] of folded.matchAll(hanRun)) {
    for (const pair of hanPairs(run)) count(pair);
    for (const character of run) characters.add(character);
  }
  for (const phrase of aliases.phrasesFor(tokens, folded)) {
    for (const term of phrase.terms) if (!counts.has(term)) counts.set(term, 0);
    for (const character of phrase.characters) characters.add(character);
  }
  return { counts, characters, longTerms: longTermsOf(counts), length };
}

/**
 * Indexes a title, which names things: three to five words in a row also stand for their initials, so that a title about
 * persistent volume claims is found by PVC; two words also stand for the one that they may be written as: back pressure.
 */
export function indexTitle(title: string, aliases: AliasBook): TextIndex {
  const index = indexText(title, aliases);
  const tokens = tokenize(title);
  const initials = tokens.map(({ word, isHan }) => (isHan ? " " : word.charAt(0)));
  const counts = new Map(index.counts);
  for (let from = 0; from < initials.length; from++) {
    for (let length = 3; length <= 5 && from + length <= initials.length; length++) {
      const acronym = initials.slice(from, from + length).join("");
      if (!counts.has(acronym)) counts.set(acronym, 0);
    }
  }
  for (const [at, { word, isHan }] of tokens.entries()) {
    const next = tokens[at + 1];
    if (isHan || next === undefined || next.isHan) continue;
    const joined = stemEnglish(`${word}${next.word}`);
    if (!counts.has(joined)) counts.set(joined, 0);
  }
  return { ...index, counts, longTerms: longTermsOf(counts) };
}
