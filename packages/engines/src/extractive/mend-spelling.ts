// A slip of the pen in the one word that matters would make the engine say that it does not know: "speculatve decoding". A
// word that no passage holds and no word list knows is read as the passages' word that is one slip away.

import { factWords } from "./lexicon/fact-words.ts";
import { lightWords } from "./lexicon/light-words.ts";
import { ordinaryWords } from "./lexicon/ordinary-words.ts";
import { isStopWord } from "./lexicon/stop-words.ts";
import type { AnalysedPassage } from "./weigh-passage.ts";
import { tokenize } from "./tokenize.ts";

/** In a shorter word one letter makes another word too easily: cache, cash. */
const shortestWord = 6;
/** The same for a letter in another's place, and for what is written as a name. */
const shortestReplaced = 7;

/** Further ones are left, which bounds the work. */
const maxSlips = 8;

/** The question with its misspelt English words as the passages spell them. */
export function mendSpelling(question: string, passages: readonly AnalysedPassage[]): string {
  const slips = tokenize(question)
    .filter(
      ({ word, form, isName }) =>
        /^[a-z]+$/u.test(word) &&
        word.length >= (isName ? shortestReplaced : shortestWord - 1) &&
        !isKnownWord(word) &&
        !passages.some(({ parts }) => parts.some(({ counts }) => counts.has(form))),
    )
    .slice(0, maxSlips);
  if (slips.length === 0) return question;
  const words = passages.flatMap(({ passage }) => wordsOf([...passage.titles, passage.text].join(" ")));
  let mended = question;
  for (const { word } of slips) {
    const meant = nearestWord(word, words);
    if (meant !== undefined) mended = mended.replace(new RegExp(`\\b${word}\\b`, "giu"), meant);
  }
  return mended;
}

function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[a-z]{5,64}/gu) ?? [])];
}

function isKnownWord(word: string): boolean {
  return isStopWord(word) || [factWords, lightWords, ordinaryWords].some((words) => words.has(word));
}

/** The word one slip away that most passages hold; none where a letter after a known word makes a name of its own: containerd. */
function nearestWord(word: string, words: readonly string[]): string | undefined {
  if (word.at(-1) !== word.at(-2) && words.includes(word.slice(0, -1))) return undefined;
  const votes = new Map<string, number>();
  for (const known of words) {
    if (isOneSlipApart(word, known)) votes.set(known, (votes.get(known) ?? 0) + 1);
  }
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** One letter too many, too few, in another's place, or two changed about; the first letter is right. */
export function isOneSlipApart(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1 || left[0] !== right[0] || left === right) return false;
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (long.length < shortestWord) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isSwapped || (long.length >= shortestReplaced && short.slice(at + 1) === long.slice(at + 1));
}
