// Finds which alias phrases stand in a text, in one pass over it: English ones by their first stem, those with Han characters
// by their first character, so that a longer list of aliases costs no more time.

import { hanPairs } from "./han-pairs.ts";
import { tokenize } from "./tokenize.ts";
import type { Token } from "./tokenize.ts";

/** One phrase in comparable form. */
export interface AliasPhrase {
  /** Stems and pairs of Han characters. */
  readonly terms: readonly string[];
  /** Han characters. */
  readonly characters: readonly string[];
}

/** Aliases, ready to be looked up. */
export interface AliasBook {
  /** All phrases that stand for a phrase of this text; `folded` is the text in lower case and normal form. */
  phrasesFor(tokens: readonly Token[], folded: string): readonly AliasPhrase[];
}

interface Entry {
  readonly group: readonly AliasPhrase[];
  readonly stems: readonly string[];
  readonly text: string;
}

const hanRun = /\p{Script=Han}+/gu;

/** Reads alias lines: phrases parted by "|" stand for each other. */
export function createAliasBook(lines: readonly string[]): AliasBook {
  const byStem = new Map<string, Entry[]>();
  const byCharacter = new Map<string, Entry[]>();
  for (const line of lines) {
    const texts = line.split("|").map((text) => text.normalize("NFKC").toLowerCase().trim());
    const group = texts.map(readPhrase);
    for (const text of texts) {
      const entry = { group, text, stems: tokenize(text).map(({ form }) => form) };
      const isHan = /\p{Script=Han}/u.test(text);
      const [book, key] = isHan ? [byCharacter, text.charAt(0)] : [byStem, entry.stems[0] ?? ""];
      book.set(key, [...(book.get(key) ?? []), entry]);
    }
  }
  return {
    phrasesFor(tokens, folded) {
      const groups = new Set<readonly AliasPhrase[]>();
      for (const [at, token] of tokens.entries()) {
        for (const { group, stems } of byStem.get(token.form) ?? []) {
          if (stems.every((stem, offset) => tokens[at + offset]?.form === stem)) groups.add(group);
        }
      }
      for (let at = 0; at < folded.length; at++) {
        for (const { group, text } of byCharacter.get(folded.charAt(at)) ?? []) {
          if (folded.startsWith(text, at)) groups.add(group);
        }
      }
      return [...groups].flat();
    },
  };
}

function readPhrase(text: string): AliasPhrase {
  const runs = [...text.matchAll(hanRun)].map(([run]) => run);
  const stems = tokenize(text)
    .filter(({ isHan }) => !isHan)
    .map(({ form }) => form);
  return { terms: [...stems, ...runs.flatMap(hanPairs)], characters: runs.flatMap((run) => [...run]) };
}
