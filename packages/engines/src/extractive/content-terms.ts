// The words of a question that say what it is about, each with its weight: how bad it is if a passage lacks it.

import { lightWords } from "./lexicon/light-words.ts";
import { factWords } from "./lexicon/fact-words.ts";
import { ordinaryWords } from "./lexicon/ordinary-words.ts";
import { isStopWord } from "./lexicon/stop-words.ts";
import { longTermLength } from "./text-index.ts";
import type { TextIndex } from "./text-index.ts";
import { hanPairs } from "./han-pairs.ts";
import { stemEnglish } from "./stem-english.ts";
import { tokenize } from "./tokenize.ts";
import type { Token } from "./tokenize.ts";

/** One content word of a question or of a title. */
export interface ContentTerm {
  readonly form: string;
  readonly isHan: boolean;
  /** The stems of a name written as one word, such as ConfigMap; empty for others. */
  readonly parts: readonly string[];
  /** The stems of this word and the one before or after it written as one: back pressure, backpressure. */
  readonly compounds: readonly string[];
  /** Written as a name and no mere number. */
  readonly isName: boolean;
  /** Says where or for what the thing asked about is used. */
  readonly isPlace: boolean;
  /** 1 for an ordinary word, less for a light one, more for a name or a number. */
  readonly weight: number;
}

/** No thing is named by an adverb: evenly, atomically. */
const adverb = /^(?!family|assembly|anomaly|supply|monopoly|reply)[a-z]{3,}ly$/u;

const lightWeight = 0.35;
const nameWeight = 1.4;
const ordinaryWeight = 0.6;
const prefixCover = 0.8;

/** Chinese phrases that only ask, and 的: cut out before words are found, because Intl.Segmenter joins them to words. */
const askingPhrases =
  /(?:谁|哪位|有没有人)(?:能|来|知道|懂|给|帮)(?:不能)?(?:我)?|(?:跪|在线)?求(?:教|助|解|指点|科普|解释)|(?:翻译成?|说|讲)人话|(?:想|才能|怎么|咋|没|不)?(?:搞|弄|整|闹)(?:懂|明白|清楚|不懂|不清|不明白)|(?:萌新|小白|新人|新手|初学者?|菜鸟|面试官)(?:求教|求问|提问|一枚|问|想问)?|(?:简|试|概)述|谓(?=之|什么)|意味着?|通俗(?:易懂)?|举个?例子?|(?:老|总|一直|常|经常)?(?:听(?:人|别人|同事)?(?:说|讲)|提到|说起)(?:过)?|想?问(?:一)?下|请教|科普|捋一?捋|帮上|拿来|大概|差不多|差在|有人|(?:这|它|他|那)?(?:俩|两者|二者)|(?:这|那)两(?:个|者|样|种)|老(?:是)?(?:搞混|记反)|搞混|分不清|怎么区分|这套|做法|说法|到底|究竟|(?:用)?一两?句话|用?大白话|思路|咋(?:样|办|回事)?|为嘛|(?:指的?|会|办)?(?:是|有|叫|为|干|做)?(?:什么|啥)(?:时候|情况下?|场景下?|意思|东西|样|用处?)?|(?:是|会|该|要)?(?:怎么样|怎么回事|怎么办|怎么|怎样|如何|为何)|哪(?:里|儿|些|个|种|几)|(?<!目)的/gu;

/** What English says before the thing that it asks about; its words are content elsewhere. */
const englishPhrases =
  /\b(?:job|role|goal|aim|purpose|idea|point|meaning|task|use|basics|concept|notion|principle|definition) (?:of|behind)\b|(?<=['’]s )(?:job|role|goal|aim|purpose|point|meaning|task)\b|\bin (?:a nutshell|one sentence|short|simple (?:terms|words)|plain (?:english|words)|a few words|other words)\b|\bfor (?:dummies|beginners)\b|\b(?:overview|basics|summary) of\b|\bintroduction to\b|\bon earth\b|\b(?:such as|like) \p{Lu}\w+|\bget rid of\b|\bmake sure\b|\brole does\b|(?<=\b(?:explain|describe|introduce)\b.*) to (?:an?|my|our|the|some|someone|somebody)\b[^.?!,;]*/giu;

/** Content words of a text, in order, each form once. */
export function contentTerms(text: string): ContentTerm[] {
  const terms = new Map<string, ContentTerm>();
  const shares = asideShares(text);
  const bare = text.replaceAll(hyphened, joinSmallWord).replaceAll(askingPhrases, " ").replaceAll(englishPhrases, " ");
  const tokens = tokenize(bare);
  for (const group of groupTokens(tokens)) {
    const form = group.map((token) => token.form).join("");
    const first = group[0];
    if (first === undefined || terms.has(form)) continue;
    const isName = first.isName && !/^\d/u.test(form);
    const share = shares.get(first.form);
    const isPlace = share !== undefined;
    const weight = (isQuantity(first, tokens) ? ordinaryWeight : weightOf(group, first)) * (share ?? 1);
    terms.set(form, {
      form,
      isHan: first.isHan,
      parts: first.parts,
      compounds: compoundsOf(first, tokens),
      isName,
      isPlace,
      weight,
    });
  }
  return [...terms.values()];
}

function compoundsOf(token: Token, tokens: readonly Token[]): string[] {
  if (token.isHan) return [];
  const at = tokens.indexOf(token);
  const join = (before: Token | undefined, after: Token | undefined): string[] => {
    if (before === undefined || after === undefined || before.isHan || after.isHan) return [];
    return isStopWord(before.word) || isStopWord(after.word) ? [] : [stemEnglish(`${before.word}${after.word}`)];
  };
  return [...join(tokens[at - 1], token), ...join(token, tokens[at + 1])];
}

/**
 * What stands after "in", or before 里的, says where the thing asked about is found; it is less than the thing itself, and so
 * is what stands after "as a" or "for a". Gives the share of their weight that such words keep.
 */
function asideShares(text: string): Map<string, number> {
  const shares = new Map<string, number>();
  for (const [pattern, share] of asides) {
    const words = pattern
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined);
    for (const { form } of tokenize(words ?? "")) shares.set(form, share);
  }
  return shares;
}

const asides: readonly (readonly [RegExp, number])[] = [
  [
    /(?<!^)\b(?:in|within|inside) (?:the |an? |my |our )?([\w-]+(?: [\w-]+)?)|([\w-]+|\p{Script=Han}{2,4}) ?(?:里面|里|中)(?:所?说|提到|讲)?的/iu,
    0.8,
  ],
  [/(?<!^)\bfor an? ([\w-]+(?: [\w-]+)?)[.?!]?$/iu, 0.6],
  [/(?<!^)\bas an? ([\w-]+(?: [\w-]+)?)[.?!]?$|\bused (?:in|by|for) ([\w-]+(?: [\w-]+)?)[.?!]?$/iu, 0.5],
];

const hyphened = /\b([a-z]+)-([a-z]+)\b/giu;

/** on-call → oncall: apart, the small word would be dropped and the name with it. */
function joinSmallWord(whole: string, before: string, after: string): string {
  return isStopWord(before.toLowerCase()) || isStopWord(after.toLowerCase()) ? before + after : whole;
}

/**
 * How much of a term a text holds, 0 to 1. A Han term counts by the characters that stand there beside the same
 * neighbour as in the term, so that half of a compound gives half.
 */
export function coverOf(term: ContentTerm, index: TextIndex): number {
  if (!term.isHan) return coverOfWord(term, index);
  const characters = [...term.form];
  if (characters.length === 1) return index.characters.has(term.form) ? 1 : 0;
  const covered = characters.map(() => false);
  for (const [at, pair] of hanPairs(term.form).entries()) {
    if (index.counts.has(pair)) covered[at] = covered[at + 1] = true;
  }
  return covered.filter(Boolean).length / characters.length;
}

/** A name written as one word is held by its parts (ConfigMap: config, map); a long word by one that begins it or that it begins, nearly; with one letter more it is another name: containerd. */
function coverOfWord({ form, parts, compounds }: ContentTerm, index: TextIndex): number {
  if (index.counts.has(form)) return 1;
  if (compounds.some((compound) => index.counts.has(compound))) return 1;
  if (parts.length > 1 && parts.every((part) => index.counts.has(part))) return 1;
  if (form.length < longTermLength) return 0;
  const isBegun = (key: string): boolean => form.startsWith(key) && form.length > key.length + 1;
  return index.longTerms.some((key) => key.startsWith(form) || isBegun(key)) ? prefixCover : 0;
}

/** Share of the weight of the terms that a text holds, 0 to 1; 0 for no terms. */
export function coverage(terms: readonly ContentTerm[], index: TextIndex): number {
  const total = terms.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  return terms.reduce((sum, term) => sum + term.weight * coverOf(term, index), 0) / total;
}

/** "takes 2 minutes": a number that counts things. "HTTP 2" is a name. */
function isQuantity(token: Token, tokens: readonly Token[]): boolean {
  if (!/^\d+$/u.test(token.word)) return false;
  const at = tokens.indexOf(token);
  const [before, after] = [tokens[at - 1], tokens[at + 1]];
  if (after === undefined || after.isName || (!after.isHan && isStopWord(after.word))) return false;
  return before === undefined || before.isHan || weightOf([before], before) < 1 || isStopWord(before.word);
}

/** A single Han character that was joined to words does not make them any rarer. */
function weightOf(whole: readonly Token[], first: Token): number {
  const words = whole.filter(({ form, isHan }) => !isHan || form.length > 1);
  const group = words.length > 0 ? words : whole;
  if (group.every(isLightWord) || /^[a-z]$/u.test(first.form)) return lightWeight;
  if (first.isName || group.some(({ word }) => factWords.has(word))) return nameWeight;
  const isOrdinary = first.isVerb || group.every(isOrdinaryWord) || adverb.test(first.word);
  return isOrdinary || ordinaryWords.has(whole.map(({ word }) => word).join("")) ? ordinaryWeight : 1;
}

function isOrdinaryWord(token: Token): boolean {
  return ordinaryWords.has(token.word) || isLightWord(token);
}

/** Drops stop words and joins what Intl.Segmenter cut too small. */
function groupTokens(tokens: readonly Token[]): Token[][] {
  const runs: Token[][] = [];
  let run: Token[] | undefined;
  for (const token of tokens) {
    if (isStopWord(token.word)) {
      run = undefined;
      continue;
    }
    if (run !== undefined && token.isHan && token.isJoined) run.push(token);
    else runs.push((run = [token]));
    if (!token.isHan) run = undefined;
  }
  const groups = runs.flatMap(joinLooseCharacters);
  return groups.filter((group) => group.length === 1 || !isStopWord(group.map(({ word }) => word).join("")));
}

/** A single Han character is rarely a word: two in a row make one, one alone belongs to the word before or, at the front, after it. */
function joinLooseCharacters(run: readonly Token[]): Token[][] {
  const groups: Token[][] = [];
  for (const token of run) {
    const last = groups.at(-1);
    if (last !== undefined && isLoose(token) && last.every(isLoose)) last.push(token);
    else groups.push([token]);
  }
  const joined: Token[][] = [];
  let front: Token[] = [];
  for (const group of groups) {
    const isAlone = group.length === 1 && group.every(isLoose);
    const last = joined.at(-1);
    if (isAlone && last !== undefined && !last.every(isLightWord)) last.push(...group);
    else if (isAlone && last === undefined && groups.length > 1) front = group;
    else {
      joined.push([...front, ...group]);
      front = [];
    }
  }
  return joined;
}

function isLoose(token: Token): boolean {
  return token.isHan && token.form.length === 1 && !isLightWord(token);
}

/** Also Han words of nothing but light and stop characters: 太高, 变小. */
function isLightWord(token: Token): boolean {
  if (lightWords.has(token.word)) return true;
  return token.isHan && [...token.word].every((one) => lightWords.has(one) || isStopWord(one));
}
