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
import { indexText, indexTitle, joinIndexes } from "./text-index.ts";

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
  /** Of all titles and the text together. */
  readonly whole: TextIndex;
  readonly text: TextIndex;
  /** Of the first sentence of the text; made when asked for. */
  lead(): TextIndex;
}

/** What speaks for a passage; shares are 0 to 1. */
export interface Evidence {
  /** Share of the question's weight that titles and text hold; what only the text holds counts a little less. */
  readonly coverage: number;
  /** How alike the question and the most alike title are: F-measure of the shares that each holds of the other. */
  readonly titleMatch: number;
  /** Share of the most alike title that the question holds. */
  readonly titlePrecision: number;
  /** Weight of the terms of the most alike title. */
  readonly titleWeight: number;
  /** How the most alike title asks; undefined without titles. */
  readonly titleKind: QuestionKind | undefined;
  /** Whether any title asks in the same way. */
  readonly hasSameKind: boolean;
  /** Terms of the question that the passage lacks, with the weight that is missing. */
  readonly missing: readonly { readonly form: string; readonly weight: number }[];
}

/** A word in the text alone may be there by chance; one in a title is what the passage is about. */
const textCredit = 0.85;

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
    const own = terms.reduce((sum, { weight }) => sum + weight, 0);
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
  const text = indexText(passage.text, aliases);
  return {
    passage,
    titles,
    text,
    whole: joinIndexes([...titles.map(({ index }) => index), text]),
    lead: () => indexText(splitSentences(passage.text)[0] ?? "", aliases),
  };
}

/** Weighs one passage for one question. */
export function weighPassage(question: AnalysedQuestion, passage: AnalysedPassage): Evidence {
  const { titles, text } = passage;
  const total = question.terms.reduce((sum, { weight }) => sum + weight, 0);
  let held = 0;
  const missing: { form: string; weight: number }[] = [];
  for (const term of question.terms) {
    const inTitle = Math.max(0, ...titles.map(({ index }) => coverOf(term, index)));
    const cover = Math.max(inTitle, textCredit * coverOf(term, text));
    held += term.weight * cover;
    const missingWeight = term.weight * (1 - Math.max(inTitle, coverOf(term, text)));
    if (missingWeight > 0) missing.push({ form: term.form, weight: missingWeight });
  }
  const matches = titles.map((title) => matchTitle(question, title));
  const best = matches.toSorted((a, b) => rankOf(b) - rankOf(a))[0];
  return {
    coverage: total === 0 ? 0 : held / total,
    titleMatch: best?.match ?? 0,
    titlePrecision: best?.precision ?? 0,
    titleWeight: best?.weight ?? 0,
    titleKind: best?.kind,
    hasSameKind: titles.some(({ kind }) => kind === question.kind),
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
  readonly match: number;
  readonly precision: number;
  readonly weight: number;
  readonly kind: QuestionKind;
}

function matchTitle(question: AnalysedQuestion, title: AnalysedQuestion): TitleMatch {
  const recall = coverage([...question.terms, ...question.context], title.index);
  const precision = coverage(title.terms, question.index);
  const likeness =
    question.clause === question.index ? precision : (precision + coverage(title.terms, question.clause)) / 2;
  return {
    match: recall + likeness === 0 ? 0 : (2 * recall * likeness) / (recall + likeness),
    precision,
    weight: title.terms.reduce((sum, { weight }) => sum + weight, 0),
    kind: title.kind,
  };
}
