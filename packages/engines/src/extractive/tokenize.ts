// Text to words. English words are folded, freed of 's and stemmed; Chinese ones come as Intl.Segmenter cuts them. Index
// and question use the same code, so the same word always meets itself.

import { stemEnglish } from "./stem-english.ts";

/** One word of a text. */
export interface Token {
  /** The form that is compared: a stem, or Han characters. */
  readonly form: string;
  /** The word in lower case as it was written. */
  readonly word: string;
  readonly isHan: boolean;
  /** Stems of the parts of a name written as one word (ConfigMap: config, map); else empty. */
  readonly parts: readonly string[];
  /** Written with a capital or a digit that its place in the sentence does not explain: a name, a version, an acronym. */
  readonly isName: boolean;
  /** Stands where English has a verb (after to, I, can, …), so that another verb may say the same. */
  readonly isVerb: boolean;
  /** True when no space or sign stands between this word and the one before. */
  readonly isJoined: boolean;
}

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
const han = /^\p{Script=Han}+$/u;
const negation = /n['’]t$/u;
const possessive = /['’](?:s|re|ve|ll|d|m)?$/u;

/** What is longer is no word; cut, it cannot make the patterns slow. */
const longestWord = 64;

const verbLeaders = new Set("to i we you they can could should would must may cannot".split(" "));

/** The words of a text in order. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let isSentenceStart = true;
  let isJoined = false;
  for (const { segment: whole, isWordLike } of segmenter.segment(text.normalize("NFKC"))) {
    const segment = whole.slice(0, longestWord);
    if (isWordLike !== true) {
      if (/[.!?:。！？：\n]/u.test(segment)) isSentenceStart = true;
      isJoined = false;
      continue;
    }
    const isHan = han.test(segment);
    const bare = isHan ? segment : bareWord(segment);
    if (bare !== "") {
      tokens.push({
        form: isHan ? bare : stemEnglish(bare),
        word: bare,
        isHan,
        parts: isHan ? [] : nameParts(segment),
        isName: !isHan && isNameForm(segment, isSentenceStart),
        isVerb: !isHan && verbLeaders.has(tokens.at(-1)?.word ?? ""),
        isJoined,
      });
    }
    isSentenceStart = false;
    isJoined = true;
  }
  return tokens;
}

/** Without 's and n't, and without the plural of an acronym: VMs → vm. */
function bareWord(segment: string): string {
  const singular = segment.replace(/^(\p{Lu}{2,})s$/u, "$1");
  return singular
    .toLowerCase()
    .replace(/^(\d+)(?:st|nd|rd|th)$/u, "$1")
    .replace(negation, "")
    .replace(possessive, "");
}

function nameParts(segment: string): string[] {
  const percentile = /^p(\d{2,3})$/iu.exec(segment)?.[1];
  if (percentile !== undefined) return [percentile];
  const parts = segment.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+/gu) ?? [];
  const isMade = parts.length > 1 && parts.every((part) => part.length > 1);
  return isMade ? parts.map((part) => stemEnglish(part.toLowerCase())) : [];
}

function isNameForm(segment: string, isSentenceStart: boolean): boolean {
  if (/\p{N}/u.test(segment) || /\p{L}.*\p{Lu}/u.test(segment)) return true;
  return !isSentenceStart && segment.length > 1 && /^\p{Lu}/u.test(segment);
}
