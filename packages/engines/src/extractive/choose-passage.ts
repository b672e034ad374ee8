// Decides which passage answers a question, or that none does. The engine would rather be silent than wrong: a subject that
// occurs in no passage, or a wish for a name, a date or an amount that the passage does not hold, ends in a refusal.

import type { AliasBook } from "./alias-book.ts";
import { bm25 } from "./bm25.ts";
import type { ContentTerm } from "./content-terms.ts";
import { coverage, coverOf } from "./content-terms.ts";
import type { QuestionKind } from "./question-kind.ts";
import type { AnalysedPassage, AnalysedQuestion, Evidence } from "./weigh-passage.ts";
import { analyseReadings, weighPassage } from "./weigh-passage.ts";

/** The limits of the decision, found on development questions and checked on others. */
export interface ChoiceLimits {
  /** Least coverage of the question. */
  readonly coverage: number;
  /** The same for a passage without a title, which no one vouches for. */
  readonly untitledCoverage: number;
  /** Least support: coverage, title match, rank and kind together. */
  readonly support: number;
  /** A missing term of this weight or more ends it. */
  readonly missing: number;
  /** The same for a question that asks for a definition, where nearly each word is the subject. */
  readonly missingOfDefinition: number;
  /** Least share of a title that must stand in a question for a definition: else the passage only mentions the thing. */
  readonly definition: number;
  /** A question whose words weigh less than this names no subject, unless it holds as great a share of a title. */
  readonly ownWeight: number;
  /** Least share of a title that must stand around a clause that only points. */
  readonly pointedTitle: number;
  /** Least weight of such a title. */
  readonly pointedWeight: number;
}

/** The limits in use. */
export const choiceLimits: ChoiceLimits = {
  coverage: 0.47,
  untitledCoverage: 0.65,
  support: 0.53,
  missing: 1.2,
  missingOfDefinition: 0.6,
  definition: 0.4,
  ownWeight: 0.5,
  pointedTitle: 0.75,
  pointedWeight: 0.9,
};

/** The best passage with what speaks for it. */
export interface WeighedPassage {
  readonly passage: AnalysedPassage;
  readonly evidence: Evidence;
  /** 0 to 1. */
  readonly support: number;
}

/** The decision with its evidence. */
export type PassageChoice =
  | { readonly outcome: "chosen"; readonly best: WeighedPassage }
  | {
      readonly outcome: "none";
      readonly reason: "no-passage" | "term-missing" | "little-support" | "fact-missing";
      readonly best: WeighedPassage | undefined;
    };

/** Takes a question by the clauses that ask, then as a whole, and chooses the best passage if it is good enough. */
export function choosePassage(
  question: AnalysedQuestion,
  passages: readonly AnalysedPassage[],
  aliases: AliasBook,
  limits: ChoiceLimits = choiceLimits,
): PassageChoice {
  const all = analyseReadings(question, aliases);
  for (const isPointing of [false, true]) {
    const readings = all.filter((reading) => reading.isPointing === isPointing);
    const chosen = readings
      .map((reading) => chooseForReading(reading, passages, limits))
      .filter((choice) => choice.outcome === "chosen");
    const best = chosen.toSorted((a, b) => b.best.support - a.best.support)[0];
    if (best !== undefined) return best;
  }
  return chooseForReading(question, passages, limits);
}

function chooseForReading(
  question: AnalysedQuestion,
  passages: readonly AnalysedPassage[],
  limits: ChoiceLimits,
): PassageChoice {
  const none = (reason: Extract<PassageChoice, { outcome: "none" }>["reason"]): PassageChoice => ({
    outcome: "none",
    reason,
    best,
  });
  const asked = weightByRarity(keepSubjects(question, passages), passages);
  const ranks = bm25(
    [...asked.terms, ...asked.context],
    passages.map(({ whole }) => whole),
  );
  const highestRank = Math.max(...ranks, Number.MIN_VALUE);
  let best: WeighedPassage | undefined;
  for (const [index, passage] of passages.entries()) {
    const evidence = weighPassage(asked, passage);
    const support = supportOf(asked, evidence, (ranks[index] ?? 0) / highestRank);
    if (best === undefined || support > best.support) best = { passage, evidence, support };
  }
  if (best === undefined) return none("no-passage");
  const { evidence } = best;
  const isPointed = asked.isPointing || (question.context.length > 0 && pronoun.test(asked.text));
  if (isPointed && pointsAtUnknown(question, passages, best.passage)) return none("term-missing");
  if (asked.isPointing) {
    if (asked.context.length === 0) return none("term-missing");
    if (evidence.titlePrecision < limits.pointedTitle || evidence.titleWeight < limits.pointedWeight)
      return none("little-support");
    return holdsFact(asked, best) ? { outcome: "chosen", best } : none("fact-missing");
  }
  const leastCoverage = evidence.titleKind === undefined ? limits.untitledCoverage : limits.coverage;
  if (evidence.coverage < leastCoverage) return none("term-missing");
  const fatal = asked.kind === "definition" ? limits.missingOfDefinition : limits.missing;
  if (evidence.missing.some(({ weight }) => weight >= fatal) && !titleForgives(asked.kind, evidence)) {
    return none("term-missing");
  }
  const isAside = asked.kind === "definition" && !isAbout(asked, best, limits);
  const isVague = weightOf(question.terms) < limits.ownWeight && evidence.titlePrecision < limits.definition;
  const isUntouched = evidence.titleKind !== undefined && evidence.titleMatch === 0;
  if (best.support < limits.support || isAside || isVague || isUntouched) return none("little-support");
  if (!holdsFact(asked, best)) return none("fact-missing");
  return { outcome: "chosen", best };
}

/** A passage is about a thing when a title names little else, or when its first sentence holds all of the question. */
function isAbout(question: AnalysedQuestion, { passage, evidence }: WeighedPassage, limits: ChoiceLimits): boolean {
  if (passage.titles.length === 0 || evidence.titlePrecision >= limits.definition) return true;
  return question.terms.length > 1 && coverage(question.terms, passage.lead()) > 0.95;
}

/** Of the words around the clause that asks only those can be its subject that a title holds; one that points does so at the nearest. */
function keepSubjects(question: AnalysedQuestion, passages: readonly AnalysedPassage[]): AnalysedQuestion {
  const titles = passages.flatMap((passage) => passage.titles);
  const isHeld = (term: ContentTerm): boolean => titles.some(({ index }) => coverOf(term, index) >= 0.5);
  const held = question.context.filter(isHeld);
  if (!question.isPointing) return { ...question, context: held };
  const nearness = (at: number): number => (at + held.length) / (2 * held.length - 1);
  return { ...question, context: held.map((term, at) => ({ ...term, weight: term.weight * nearness(at) })) };
}

/** "We use Nomad, what is it?" points at a name that no title holds, unless what the passage is about says more. */
function pointsAtUnknown(
  question: AnalysedQuestion,
  passages: readonly AnalysedPassage[],
  best: AnalysedPassage,
): boolean {
  const isHeldBy = (term: ContentTerm, { titles }: AnalysedPassage): boolean =>
    titles.some(({ index }) => coverOf(term, index) >= 0.5);
  const unknown = question.context.filter(
    (term) => term.isName && !passages.some((passage) => isHeldBy(term, passage)),
  );
  const held = question.context.filter((term) => !term.isPlace && isHeldBy(term, best));
  const heldWeight = weightOf(held);
  return unknown.some(({ weight }) => weight > heldWeight);
}

const pronoun = /\b(?:it|its|they|them)\b|它/iu;

/** A term that few of the passages hold tells more than one that all hold; one that none holds tells most. */
function weightByRarity(question: AnalysedQuestion, passages: readonly AnalysedPassage[]): AnalysedQuestion {
  const weigh = (term: ContentTerm): ContentTerm => {
    const holding = passages.filter(({ whole }) => coverOf(term, whole) >= 0.5).length;
    return { ...term, weight: term.weight * (1.25 - (0.4 * holding) / Math.max(1, passages.length)) };
  };
  return { ...question, terms: question.terms.map(weigh), context: question.context.map(weigh) };
}

function weightOf(terms: readonly ContentTerm[]): number {
  return terms.reduce((sum, { weight }) => sum + weight, 0);
}

function supportOf({ kind, isPointing }: AnalysedQuestion, evidence: Evidence, rank: number): number {
  const match = evidence.titleKind === undefined ? evidence.coverage : evidence.titleMatch;
  if (isPointing) {
    const asksHow = kind === "way" || kind === "reason" || kind === "difference";
    return (
      0.5 * evidence.titlePrecision +
      0.4 * match +
      0.03 * Math.min(4, evidence.titleWeight) +
      0.06 * rank +
      (asksHow && !evidence.hasSameKind ? -0.1 : kindSupport(kind, evidence))
    );
  }
  return 0.45 * evidence.coverage + 0.45 * match + 0.06 * rank + kindSupport(kind, evidence);
}

/**
 * Two things described are not yet two things compared, and what a thing is does not say how to do something with it, so
 * a comparison wants a title that compares and a way wants one that does not only define.
 */
function kindSupport(kind: QuestionKind, { titleKind, hasSameKind, missing }: Evidence): number {
  if (isFactKind(kind) && hasSameKind) return 0.1;
  if (titleKind === kind) return 0.04;
  if ((kind === "way" || kind === "reason") && titleKind === "definition") return missing.length > 0 ? -0.05 : 0;
  if (kind === "difference") return -0.15;
  return titleKind === "difference" ? -0.04 : 0;
}

/**
 * A title that stands whole in a question answers it, even when the question says one thing more; not when that is a name
 * or a number, and not when a definition or a fact is asked, where each word is the subject.
 */
function titleForgives(kind: QuestionKind, evidence: Evidence): boolean {
  if (evidence.titlePrecision < 0.95 || evidence.titleWeight < 1.7) return false;
  const heaviest = Math.max(...evidence.missing.map(({ weight }) => weight));
  const share = evidence.missing.reduce((sum, { weight }) => sum + weight, 0) / evidence.titleWeight;
  switch (kind) {
    case "difference":
      return evidence.titleKind === kind && share < 0.8;
    case "way":
    case "reason":
    case "condition":
      return heaviest < 1.3 && share < 0.8;
    case "other":
      return heaviest < 1.2 && share < 0.55;
    case "definition":
      return heaviest < 0.8 && share < 0.5;
    default:
      return false;
  }
}

function isFactKind(kind: QuestionKind): boolean {
  return kind === "date" || kind === "amount" || kind === "person" || kind === "place";
}

const numeral =
  /\d|[二三四五六七八九十百千万半]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|hundred|thousand|million|billion)\b/iu;

/** Names, dates and amounts are facts of their own: a passage about the subject does not hold them by being about it. */
function holdsFact({ kind, terms }: AnalysedQuestion, { passage, evidence }: WeighedPassage): boolean {
  if (evidence.hasSameKind) return true;
  const { text } = passage.passage;
  switch (kind) {
    case "date":
      return /(?:1[89]|20)\d\d/u.test(text);
    case "amount":
      return numeral.test(text);
    case "person":
    case "place":
      return evidence.missing.length === 0 && terms.filter(({ weight }) => weight > 0.5).length > 1;
    default:
      return true;
  }
}
