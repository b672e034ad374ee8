// What a text contains, in the form in which questions are compared with it. English is looked up by stem; Chinese by pairs
// of neighbouring characters, because word borders in Chinese are a guess and pairs find a word however it was cut.

import { tokenize } from "./tokenize.ts";
import type { Token } from "./tokenize.ts";

/** The contents of one text, widened by aliases. */
export interface TextIndex {
  /** How often each term (stem, or pair of Han characters) occurs; aliases count 0. */
  readonly counts: ReadonlyMap<string, number>;
  /** Every Han character of the text and its aliases. */
  readonly characters: ReadonlySet<string>;
  /** Sum of the counts. */
  readonly length: number;
}

/** Phrases that stand for each other, in comparable form. */
export interface AliasGroup {
  /** Each phrase as it appears between spaces in a text's stems, or as a run of Han characters. */
  readonly phrases: readonly AliasPhrase[];
}

interface AliasPhrase {
  readonly isHan: boolean;
  readonly text: string;
  readonly terms: readonly string[];
  readonly characters: readonly string[];
}

const hanRun = /\p{Script=Han}+/gu;

/** Prepares alias lines ("a|b|c") once. */
export function prepareAliases(lines: readonly string[]): readonly AliasGroup[] {
  return lines.map((line) => ({ phrases: line.split("|").map(preparePhrase) }));
}

/** Indexes a text. */
export function indexText(text: string, aliases: readonly AliasGroup[]): TextIndex {
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
  addAliases({ counts, characters }, spacedStems(tokens), folded, aliases);
  return { counts, characters, length };
}

/**
 * Indexes a title, which names things: three to five words in a row also stand for their initials, so that a title about
 * persistent volume claims is found by PVC.
 */
export function indexTitle(title: string, aliases: readonly AliasGroup[]): TextIndex {
  const index = indexText(title, aliases);
  const initials = tokenize(title).map(({ word, isHan }) => (isHan ? " " : word.charAt(0)));
  const counts = new Map(index.counts);
  for (let from = 0; from < initials.length; from++) {
    for (let length = 3; length <= 5 && from + length <= initials.length; length++) {
      const acronym = initials.slice(from, from + length).join("");
      if (!counts.has(acronym)) counts.set(acronym, 0);
    }
  }
  return { ...index, counts };
}

/** Neighbouring pairs of a run of Han characters. */
export function hanPairs(run: string): string[] {
  const all = [...run];
  return all.slice(1).map((character, index) => `${all[index]}${character}`);
}

function addAliases(
  index: { readonly counts: Map<string, number>; readonly characters: Set<string> },
  stems: string,
  folded: string,
  aliases: readonly AliasGroup[],
): void {
  for (const { phrases } of aliases) {
    if (!phrases.some(({ isHan, text }) => (isHan ? folded : stems).includes(text))) continue;
    for (const phrase of phrases) {
      for (const term of phrase.terms) if (!index.counts.has(term)) index.counts.set(term, 0);
      for (const character of phrase.characters) index.characters.add(character);
    }
  }
}

function preparePhrase(phrase: string): AliasPhrase {
  const folded = phrase.normalize("NFKC").toLowerCase().trim();
  const tokens = tokenize(folded);
  const runs = [...folded.matchAll(hanRun)].map(([run]) => run);
  return {
    isHan: runs.length > 0,
    text: runs.length > 0 ? folded : spacedStems(tokens),
    terms: [...tokens.filter(({ isHan }) => !isHan).map(({ form }) => form), ...runs.flatMap(hanPairs)],
    characters: runs.flatMap((run) => [...run]),
  };
}

function spacedStems(tokens: readonly Token[]): string {
  return ` ${tokens.map(({ form }) => form).join(" ")} `;
}
