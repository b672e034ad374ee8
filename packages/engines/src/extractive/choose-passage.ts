// Decides which passage answers a question, or that none does. The engine would rather be silent than wrong: a subject that
// occurs in no passage, or a wish for a name, a date or an amount that the passage does not hold, ends in a refusal.

import type { AliasBook } from "./alias-book.ts";
import { bm25 } from "./bm25.ts";
import type { ContentTerm } from "./content-terms.ts";
import { confidenceOf } from "./confidence.ts";
import { coverOf } from "./content-terms.ts";
import type { QuestionKind } from "./question-kind.ts";
import { asksForFact } from "./question-kind.ts";
import type { AnalysedPassage, AnalysedQuestion, Evidence } from "./weigh-passage.ts";
import { analyseReadings, weighPassage } from "./weigh-passage.ts";

/** The limits of the decision, found on development questions and checked on others. */
export interface ChoiceLimits {
  /** Least log odds that a passage with titles answers. */
  readonly confidence: number;
  /** Least coverage of the question by a passage without a title, which no one vouches for. */
  readonly untitledCoverage: number;
  /** Least support for such a passage: coverage and rank together. */
  readonly untitledSupport: number;
  /** A missing term of this weight or more ends it for such a passage; for another it is the reason that is given. */
  readonly missing: number;
  /** The same for a question that asks for a definition, where nearly each word is the subject. */
  readonly missingOfDefinition: number;
  /** Beside a title that stands whole in a question for a definition, missing terms of this weight name another thing. */
  readonly anotherThing: number;
  /** A question whose words weigh less than this names no subject, unless it holds `vagueTitle` of a title. */
  readonly ownWeight: number;
  readonly vagueTitle: number;
  /** Least share of a title that must stand around a clause that only points. */
  readonly pointedTitle: number;
  /** Least weight of such a title. */
  readonly pointedWeight: number;
}

/** The limits in use. */
export const choiceLimits: ChoiceLimits = {
  confidence: 0.2,
  untitledCoverage: 0.65,
  untitledSupport: 0.55,
  missing: 1.1,
  missingOfDefinition: 0.6,
  anotherThing: 0.68,
  ownWeight: 0.5,
  vagueTitle: 0.4,
  pointedTitle: 0.75,
  pointedWeight: 0.9,
};

/** The best passage with what speaks for it. */
export interface WeighedPassage {
  readonly passage: AnalysedPassage;
  readonly evidence: Evidence;
  /** 0 to 1. */
  readonly support: number;
  /** It stands first in the prompt. */
  readonly isFirst: boolean;
  /** How many passages stand in the prompt. */
  readonly passageCount: number;
  /** A name, a date or an amount is asked, and the passage does not seem to hold it. */
  readonly lacksFact: boolean;
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
  const asked = weightByRarity(keepSubjects(question, passages), passages);
  const best = bestPassage(asked, passages);
  if (best === undefined) return { outcome: "none", reason: "no-passage", best };
  const { evidence } = best;
  const isPointed = asked.isPointing || (question.context.length > 0 && pronoun.test(asked.text));
  if (isPointed && pointsAtUnknown(question, best.passage)) return none("term-missing");
  if (asked.isPointing) {
    if (asked.context.length === 0) return none("term-missing");
    if (!holdsSubject(asked, best.passage)) return none("term-missing");
    if (evidence.titlePrecision < limits.pointedTitle || evidence.titleWeight < limits.pointedWeight)
      return none("little-support");
    return best.lacksFact ? none("fact-missing") : { outcome: "chosen", best };
  }
  if (!holdsSubject(asked, best.passage)) return none("term-missing");
  const isVague = weightOf(question.terms) < limits.ownWeight && evidence.titlePrecision < limits.vagueTitle;
  const answers =
    evidence.titleKind === undefined ? textAnswers(asked, best, limits) : titlesAnswer(asked, best, limits);
  if (!isVague && answers) return { outcome: "chosen", best };
  if (best.lacksFact) return none("fact-missing");
  return none(lacksTerm(asked, best, limits) ? "term-missing" : "little-support");

  function none(reason: Extract<PassageChoice, { outcome: "none" }>["reason"]): PassageChoice {
    return { outcome: "none", reason, best };
  }
}

/** Stemmed, as the terms are. */
const number = /^\p{N}+(?:[.,:/]\p{N}+)*$/u;
const numberWord = /^(?:zero|one|two|three|four|fiv|six|seven|eight|nin|ten|[零〇一二三四五六七八九十百千万亿两]+)$/u;

/** "What is 5?" names nothing, although many a passage holds a 5: a word that is no number has to be there, and be known to the passage. */
function holdsSubject({ terms, context }: AnalysedQuestion, { parts }: AnalysedPassage): boolean {
  const all = [...terms, ...context];
  const isNumber = ({ form }: ContentTerm): boolean => number.test(form) || (all.length === 1 && numberWord.test(form));
  return all.some((term) => !isNumber(term) && parts.some((part) => coverOf(term, part) >= 0.5));
}

/** The passage with the most support; its place in the prompt speaks for it. */
function bestPassage(asked: AnalysedQuestion, passages: readonly AnalysedPassage[]): WeighedPassage | undefined {
  const ranks = bm25(
    [...asked.terms, ...asked.context],
    passages.map(({ parts }) => parts),
  );
  const highestRank = Math.max(...ranks, Number.MIN_VALUE);
  const bonus = asked.clause === asked.index ? placeBonus : clausePlaceBonus;
  const weighed = passages.map((passage, index) => {
    const evidence = weighPassage(asked, passage);
    const support = supportOf(asked, evidence, (ranks[index] ?? 0) / highestRank);
    return { passage, evidence, support, isFirst: index === 0, preference: support + bonus / (index + 1) };
  });
  const [best] = weighed.toSorted((a, b) => b.preference - a.preference);
  return best && { ...best, passageCount: passages.length, lacksFact: !holdsFact(asked, best) };
}

/** Whether a passage that is known to answer its titles answers this question too. */
function titlesAnswer(question: AnalysedQuestion, best: WeighedPassage, limits: ChoiceLimits): boolean {
  const { evidence } = best;
  if (evidence.titleMatch === 0 || isAnotherThing(question, best, limits)) return false;
  return confidenceOf(question, { ...evidence, ...best }) >= limits.confidence;
}

/** The name of a thing has no more words; longer questions of this kind ask for something about it. */
const mostWordsOfName = 3;

/** A container ship is no container: where a title stands whole in the name that is asked for, a further word makes it another thing. */
function isAnotherThing(
  { kind, terms }: AnalysedQuestion,
  { evidence }: WeighedPassage,
  limits: ChoiceLimits,
): boolean {
  if (kind !== "definition" || terms.length > mostWordsOfName || evidence.titlePrecision < 0.95) return false;
  return evidence.missing.reduce((sum, { weight }) => sum + weight, 0) >= limits.anotherThing;
}

/** The same for a passage without titles, of which only the text speaks. */
function textAnswers(question: AnalysedQuestion, best: WeighedPassage, limits: ChoiceLimits): boolean {
  if (best.lacksFact || best.evidence.coverage < limits.untitledCoverage || best.support < limits.untitledSupport)
    return false;
  return !lacksTerm(question, best, limits);
}

function lacksTerm({ kind }: AnalysedQuestion, { evidence }: WeighedPassage, limits: ChoiceLimits): boolean {
  const fatal = kind === "definition" ? limits.missingOfDefinition : limits.missing;
  return evidence.missing.some(({ weight }) => weight >= fatal);
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

/** "We use Nomad, what is it?" points at a name that no title of the passage holds, unless what the passage is about says more. */
function pointsAtUnknown(question: AnalysedQuestion, best: AnalysedPassage): boolean {
  const isHeldBy = (term: ContentTerm, { titles }: AnalysedPassage): boolean =>
    titles.some(({ index }) => coverOf(term, index) >= 0.5);
  const unknown = question.context.filter((term) => term.isName && !isHeldBy(term, best));
  const held = question.context.filter((term) => !term.isPlace && isHeldBy(term, best));
  const heldWeight = weightOf(held);
  return unknown.some(({ weight }) => weight > heldWeight);
}

/** What the first passage gains for its place; whoever searched knew more texts than stand in the prompt. */
const placeBonus = 0.3;
/** The same where one clause asks and names its subject itself: the search was for all clauses together. */
const clausePlaceBonus = 0.06;

const pronoun = /\b(?:it|its|they|them)\b|它/iu;

/** Of fewer passages it tells nothing that most or none of them hold a term. */
const fewPassages = 6;

/** A term that few of the passages hold tells more than one that all hold; one that none holds tells most. */
function weightByRarity(question: AnalysedQuestion, passages: readonly AnalysedPassage[]): AnalysedQuestion {
  const weigh = (term: ContentTerm): ContentTerm => {
    const holding = passages.filter(({ parts }) => parts.some((part) => coverOf(term, part) >= 0.5)).length;
    return { ...term, weight: term.weight * (1.25 - (0.4 * holding) / Math.max(fewPassages, passages.length)) };
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
  return (
    0.45 * evidence.coverage + 0.4 * match + 0.05 * evidence.textCoverage + 0.06 * rank + kindSupport(kind, evidence)
  );
}

/**
 * Two things described are not yet two things compared, and what a thing is does not say how to do something with it, so
 * a comparison wants a title that compares and a way wants one that does not only define.
 */
function kindSupport(kind: QuestionKind, { titleKind, hasSameKind, missing }: Evidence): number {
  if (asksForFact(kind) && hasSameKind) return 0.1;
  if (titleKind === kind) return 0.04;
  if ((kind === "way" || kind === "reason") && titleKind === "definition") return missing.length > 0 ? -0.05 : 0;
  if (kind === "difference") return -0.15;
  return titleKind === "difference" ? -0.04 : 0;
}

const numeral =
  /\d|[二三四五六七八九十百千万半]|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|hundred|thousand|million|billion)\b/iu;

/** Names, dates and amounts are facts of their own: a passage about the subject does not hold them by being about it. */
function holdsFact(
  { kind, terms }: AnalysedQuestion,
  { passage, evidence }: Pick<WeighedPassage, "passage" | "evidence">,
): boolean {
  if (evidence.hasSameKind) return true;
  const { text } = passage.passage;
  const holdsAll = evidence.missing.length === 0 && terms.filter(({ weight }) => weight > 0.5).length > 1;
  switch (kind) {
    case "date":
      return /(?:1[89]|20)\d\d/u.test(text);
    case "amount":
      return numeral.test(text) || holdsAll;
    case "person":
    case "place":
      return holdsAll;
    default:
      return true;
  }
}
