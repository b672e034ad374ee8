// How sure it is that a passage with titles answers a question. No single limit tells an answer from a chance likeness: a
// long question may lack a word that a short one may not, and a passage that two of its titles speak for needs less than one
// with a single title that is alike. So the pieces of evidence are added, each with a weight, to log odds. The weights were
// fitted by logistic regression on the development questions of both languages.

import type { QuestionKind } from "./question-kind.ts";
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

const weights = {
  support: 7.7,
  secondMatch: 2.9,
  titlePrecision: 0.9,
  first: 0.9,
  /** Of one by the number of passages. */
  fewPassages: 2.2,
  sameKind: 1.2,
  /** For each word that is asked, up to `mostTerms`: of many words, a share is seldom held by chance. */
  term: 1,
  /** Of the weight of the heaviest word that is missing; where a definition is asked, of all such words together. */
  missing: -2.5,
  /** Nearly each word of such a question is its subject. */
  definition: -0.5,
  /** A passage about a thing does not hold each fact about it. */
  fact: -1.3,
  /** Still less one in which no name, date or amount is seen. */
  lacksFact: -2.2,
  base: -11,
} as const;

const mostTerms = 6;

/** Log odds that the passage answers the question; 0 is as likely as not. */
export function confidenceOf({ kind, terms }: AnalysedQuestion, evidence: AnswerEvidence): number {
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
    weights.missing * lack +
    weights.lacksFact * Number(evidence.lacksFact) +
    weightOfKind(kind)
  );
}

function weightOfKind(kind: QuestionKind): number {
  if (kind === "definition") return weights.definition;
  return asksForFact(kind) ? weights.fact : 0;
}
