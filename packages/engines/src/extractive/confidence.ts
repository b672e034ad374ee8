// How sure it is that a passage with titles answers a question. No single limit tells an answer from a chance likeness: a
// long question may lack a word that a short one may not, and a passage that two of its titles speak for needs less than one
// with a single title that is alike. So the pieces of evidence are added, each with a weight, to log odds. The weights were
// fitted by logistic regression on development questions, for each language apart: English writes a word in one way and
// says a thing in many, Chinese words share characters, so that the same likeness proves more or less.

import type { QuestionKind } from "./question-kind.ts";
import { languageOf } from "./language-of.ts";
import type { Language } from "./language-of.ts";
import { asksForFact } from "./question-kind.ts";
import type { AnalysedQuestion, Evidence } from "./weigh-passage.ts";

/** What is known of the best passage. */
export interface AnswerEvidence extends Evidence {
  /** Coverage, title match, rank and kind together, 0 to 1. */
  readonly support: number;
  /** It stands first in the prompt: whoever searched knew more texts and held it for the best. */
  readonly isFirst: boolean;
  /** How many passages stand in the prompt: few, where the one that was found for the best stood out. */
  readonly passageCount: number;
  /** A name, a date or an amount is asked, and the passage does not seem to hold it. */
  readonly lacksFact: boolean;
}

/** What each piece of evidence adds to the log odds. */
interface Weights {
  readonly support: number;
  readonly secondMatch: number;
  readonly titlePrecision: number;
  readonly first: number;
  /** Of one by the number of passages. */
  readonly fewPassages: number;
  readonly sameKind: number;
  /** For each word that is asked, up to `mostTerms`: of many words, a share is seldom held by chance. */
  readonly term: number;
  /** For each word that the passage holds, up to `mostTerms`. */
  readonly heldTerm: number;
  /**
   * Of the logarithm of what those words weigh. Beside their number it tells everyday words from names of things: many of
   * the first together tell what is asked, while a name by itself is often only mentioned.
   */
  readonly heldWeight: number;
  /** Of the weight of the heaviest word that is missing; where a definition is asked, of all such words together. */
  readonly missing: number;
  /** Of how far the most alike title is from a question of one or two words, which such a title should nearly equal. */
  readonly shortUnlike: number;
  /** Nearly each word of such a question is its subject. */
  readonly definition: number;
  /** A passage about a thing does not tell each way to do something with it. */
  readonly way: number;
  /** Both of the things that are compared are named. */
  readonly difference: number;
  /** A passage about a thing does not hold each fact about it. */
  readonly fact: number;
  /** Still less one in which no name, date or amount is seen. */
  readonly lacksFact: number;
  readonly base: number;
}

const weightsOf: Readonly<Record<Language, Weights>> = {
  en: {
    support: 5.2,
    secondMatch: 5.2,
    titlePrecision: 0,
    first: 0.9,
    fewPassages: 1.9,
    sameKind: 1,
    term: 0,
    heldTerm: 1.7,
    heldWeight: -3.2,
    missing: -0.9,
    shortUnlike: -2,
    definition: -1,
    way: -1.3,
    difference: 1.1,
    fact: -0.7,
    lacksFact: -2.4,
    base: -8,
  },
  zh: {
    support: 7.7,
    secondMatch: 2.9,
    titlePrecision: 0.9,
    first: 0.9,
    fewPassages: 2.2,
    sameKind: 1.2,
    term: 1,
    heldTerm: 0,
    heldWeight: 0,
    missing: -2.5,
    shortUnlike: 0,
    definition: -0.5,
    way: 0,
    difference: 0,
    fact: -1.3,
    lacksFact: -2.2,
    base: -11,
  },
};

const mostTerms = 6;

/** A question of so few words should be asked nearly so by a title. */
const fewTerms = 2;
/** The logarithm needs a number above 0 where nothing is held. */
const leastWeight = 0.5;

/** Log odds that the passage answers the question; 0 is as likely as not. */
export function confidenceOf({ text, kind, terms }: AnalysedQuestion, evidence: AnswerEvidence): number {
  const weights = weightsOf[languageOf(text)];
  const missing = evidence.missing.map(({ weight }) => weight);
  const lack = kind === "definition" ? missing.reduce((sum, weight) => sum + weight, 0) : Math.max(0, ...missing);
  return (
    weights.base +
    weights.support * evidence.support +
    weights.secondMatch * evidence.secondMatch +
    weights.titlePrecision * evidence.titlePrecision +
    weights.first * Number(evidence.isFirst) +
    weights.fewPassages / Math.max(1, evidence.passageCount) +
    weights.sameKind * Number(evidence.hasSameKind) +
    weights.term * Math.min(mostTerms, terms.length) +
    weights.heldTerm * Math.min(mostTerms, evidence.heldCount) +
    weights.heldWeight * Math.log(leastWeight + evidence.heldWeight) +
    weights.missing * lack +
    weights.shortUnlike * (terms.length <= fewTerms ? 1 - evidence.titleMatch : 0) +
    weights.lacksFact * Number(evidence.lacksFact) +
    weightOfKind(kind, weights)
  );
}

function weightOfKind(kind: QuestionKind, weights: Weights): number {
  if (kind === "definition" || kind === "way" || kind === "difference") return weights[kind];
  return asksForFact(kind) ? weights.fact : 0;
}
