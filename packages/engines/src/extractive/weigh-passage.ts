// How well one passage answers one question, as separate pieces of evidence. Nothing is decided here.

import { splitSentences } from "./split-sentences.ts";
import type { ContentTerm } from "./content-terms.ts";
import { contentTerms, coverage, coverOf } from "./content-terms.ts";
import type { QuestionKind } from "./question-kind.ts";
import { questionKind } from "./question-kind.ts";
import { readingsOf } from "./question-readings.ts";
import type { Passage } from "./read-prompt.ts";
import type { AliasBook } from "./alias-book.ts";
import type { TextIndex } from "./text-index.ts";
import { indexText, indexTitle } from "./text-index.ts";

/** A question in comparable form. */
export interface AnalysedQuestion {
  readonly text: string;
  readonly kind: QuestionKind;
  readonly terms: readonly ContentTerm[];
  readonly index: TextIndex;
  /** Of the clause that asks, where it names its subject itself; else as `index`. */
  readonly clause: TextIndex;
  /** Terms of the clauses around the one that asks: they rank passages, and none of them must be held. */
  readonly context: readonly ContentTerm[];
  /** The clause that asks names no subject ("what is that?"), so that the subject stands in the context. */
  readonly isPointing: boolean;
}

/** A passage in comparable form. */
export interface AnalysedPassage {
  readonly passage: Passage;
  readonly titles: readonly AnalysedQuestion[];
  /** Of each title, and of the text. */
  readonly parts: readonly TextIndex[];
  readonly text: TextIndex;
  /** Of the first sentence of the text; made when asked for. */
  lead(): TextIndex;
}

/** What speaks for a passage; shares are 0 to 1. */
export interface Evidence {
  /** Share of the question's weight that the passage holds; what stands not in the most alike title counts less. */
  readonly coverage: number;
  /** Share of the question's weight that the text alone holds. */
  readonly textCoverage: number;
  /** How alike the question and the most alike title are: F-measure of the shares that each holds of the other. */
  readonly titleMatch: number;
  /** The same for the second most alike title; of a passage with one title only, for that. */
  readonly secondMatch: number;
  /** Share of the most alike title that the question holds. */
  readonly titlePrecision: number;
  /** Weight of the terms of the most alike title. */
  readonly titleWeight: number;
  /** How the most alike title asks; undefined without titles. */
  readonly titleKind: QuestionKind | undefined;
  /** Whether a title that is about as alike as the best asks in the same way. */
  readonly hasSameKind: boolean;
  /** Terms of the question that a title or the text holds, at least by half, and what all that is held weighs. */
  readonly heldCount: number;
  readonly heldWeight: number;
  /** Terms of the question that the passage lacks, with the weight that is missing. */
  readonly missing: readonly { readonly form: string; readonly weight: number }[];
}

/** A word in the text alone may be there by chance; one in a title is what the passage is about. */
const textCredit = 0.85;

/** A passage has many titles; words gathered from several may make a question that none of them asks. */
const otherTitleCredit = 0.7;
/** What another title proves of a word that the most alike one and the text lack. */
const otherTitleProof = 0.3;

/** The place where a thing is used ("in Kubernetes") often goes without saying in a passage about the thing. */
const placeLoss = 0.7;

/** A title that is less alike than this share of the best says nothing about how the passage is asked for. */
const alikeShare = 0.75;

/** What is longer is cut: what is asked stands in fewer characters, and the work stays bounded. */
const maxQuestionCharacters = 2000;

/** Analyses a question or a title. */
export function analyseQuestion(whole: string, aliases: AliasBook): AnalysedQuestion {
  const text = whole.slice(0, maxQuestionCharacters);
  const index = indexTitle(text, aliases);
  return {
    text,
    kind: questionKind(text),
    terms: contentTerms(text),
    index,
    clause: index,
    context: [],
    isPointing: false,
  };
}

/** The ways to take a question, one for each clause that asks. */
export function analyseReadings(whole: AnalysedQuestion, aliases: AliasBook): AnalysedQuestion[] {
  return readingsOf(whole.text).map((text) => {
    const ownKind = questionKind(text);
    const terms = contentTerms(text);
    const own = weightOf(terms);
    const isPointing = own < (demonstrative.test(text) ? demonstrativeWeight : pointingWeight);
    const points = isPointing || pronoun.test(text);
    const share = points ? 1 : contextWeight;
    const around = whole.terms.filter(({ form }) => !terms.some((term) => term.form === form));
    return {
      text,
      kind: ownKind === "other" ? whole.kind : ownKind,
      terms: isPointing ? [] : terms,
      index: whole.index,
      clause: points ? whole.index : indexTitle(text, aliases),
      context: around.map((term) => ({ ...term, weight: term.weight * share })),
      isPointing,
    };
  });
}

/** A clause whose words together weigh less than this names no subject. */
const pointingWeight = 0.6;
/** The same with "this" or "it": "what does this practice involve?". */
const demonstrativeWeight = 0.9;
const demonstrative = /\b(?:it|its|this|that|these|those|they|them|one|ones)\b|[它这那]/iu;
/** What the words of the other clauses count where the one that asks does not point at them. */
const contextWeight = 0.3;
const pronoun = /\b(?:it|its|these|those|they|them|two|former)\b|[它俩]|两者|二者/iu;

/** Analyses a passage. */
export function analysePassage(passage: Passage, aliases: AliasBook): AnalysedPassage {
  const titles = passage.titles.map((title) => analyseQuestion(title, aliases));
  return passageOf(passage, titles, indexText(passage.text, aliases), aliases);
}

/** A passage of which titles and text are analysed. */
export function passageOf(
  passage: Passage,
  titles: readonly AnalysedQuestion[],
  text: TextIndex,
  aliases: AliasBook,
): AnalysedPassage {
  return {
    passage,
    titles,
    text,
    parts: [...titles.map(({ index }) => index), text],
    lead: () => indexText(splitSentences(passage.text)[0] ?? "", aliases),
  };
}

/** Weighs one passage for one question. */
export function weighPassage(question: AnalysedQuestion, passage: AnalysedPassage): Evidence {
  const { titles, text } = passage;
  const matches = titles.map((title) => matchTitle(question, title));
  const best = matches.toSorted((a, b) => rankOf(b) - rankOf(a))[0];
  const total = weightOf(question.terms);
  let held = 0;
  let heldByText = 0;
  let heldCount = 0;
  let heldWeight = 0;
  const missing: { form: string; weight: number }[] = [];
  for (const [at, term] of question.terms.entries()) {
    const inBest = best?.covers[at] ?? 0;
    const inOthers = Math.max(0, ...matches.map(({ covers }) => covers[at] ?? 0));
    const inText = coverOf(term, text);
    held += term.weight * Math.max(inBest, otherTitleCredit * inOthers, textCredit * inText);
    heldByText += term.weight * inText;
    const inAny = Math.max(inBest, inOthers, inText);
    heldCount += Number(inAny >= 0.5);
    heldWeight += term.weight * inAny;
    const lack = 1 - Math.max(inBest, inText, (term.isPlace ? 1 : otherTitleProof) * inOthers);
    if (lack > 0) missing.push({ form: term.form, weight: term.weight * lack * (term.isPlace ? placeLoss : 1) });
  }
  const leastMatch = (best?.match ?? 0) * alikeShare;
  return {
    coverage: total === 0 ? 0 : held / total,
    textCoverage: total === 0 ? 0 : heldByText / total,
    titleMatch: best?.match ?? 0,
    secondMatch: secondOf(matches.map(({ match }) => match)),
    titlePrecision: best?.precision ?? 0,
    titleWeight: best?.weight ?? 0,
    titleKind: best?.kind,
    hasSameKind: matches.some(({ kind, match }) => kind === question.kind && match >= leastMatch),
    heldCount,
    heldWeight,
    missing,
  };

  function rankOf({ match, weight, kind }: TitleMatch): number {
    if (question.isPointing) return match + longTitleBonus * weight;
    return match + (kind === question.kind ? sameKindBonus : 0);
  }
}

/** Between two titles about as alike, the one that asks in the same way is taken. */
const sameKindBonus = 0.15;

/** Where a clause only points, the longer of two titles that fit names the thing more exactly. */
const longTitleBonus = 0.03;

interface TitleMatch {
  /** For each term of the question, how much of it the title holds. */
  readonly covers: readonly number[];
  readonly match: number;
  readonly precision: number;
  readonly weight: number;
  readonly kind: QuestionKind;
}

function matchTitle({ terms, context, index, clause }: AnalysedQuestion, title: AnalysedQuestion): TitleMatch {
  const covers = terms.map((term) => coverOf(term, title.index));
  const contextCovers = context.map((term) => coverOf(term, title.index));
  const asked = weightOf(terms) + weightOf(context);
  const recall = asked === 0 ? 0 : (coveredWeight(terms, covers) + coveredWeight(context, contextCovers)) / asked;
  const precision = coverage(title.terms, index);
  const likeness = clause === index ? precision : (precision + coverage(title.terms, clause)) / 2;
  return {
    covers,
    match: recall + likeness === 0 ? 0 : (2 * recall * likeness) / (recall + likeness),
    precision,
    weight: weightOf(title.terms),
    kind: title.kind,
  };
}

/** The second highest number; of one number, that. */
function secondOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => b - a);
  return sorted[1] ?? sorted[0] ?? 0;
}

function weightOf(terms: readonly ContentTerm[]): number {
  return terms.reduce((sum, { weight }) => sum + weight, 0);
}

function coveredWeight(terms: readonly ContentTerm[], covers: readonly number[]): number {
  return terms.reduce((sum, { weight }, at) => sum + weight * (covers[at] ?? 0), 0);
}
