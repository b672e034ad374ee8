// How alike a question and one of a passage's phrasings are. A passage has some thirty phrasings: put together they hold
// nearly every word, so each is compared by itself, and a word counts by how few passages hold it. The phrasings are kept
// by their words, so that a comparison costs by what a question shares with them and not by their number.
import { knownPhrases, sameWords } from "./same-words.ts";
import { subjectTokens, tokenise } from "./tokens.ts";

/** A question or a phrasing, ready to be compared. */
export interface ReadPhrasing {
  readonly tokens: readonly string[];
  /** The tokens, each with 1, and those of other words for the same, with less. */
  readonly shares: ReadonlyMap<string, number>;
}

/** The phrasings and the answer of one passage by their tokens. */
export interface PassageIndex {
  readonly phrasings: readonly string[];
  /** The weight of all tokens of each phrasing. */
  readonly totals: readonly number[];
  readonly postings: ReadonlyMap<string, readonly Posting[]>;
  readonly answer: ReadonlySet<string>;
}

/** The place of a phrasing that holds a token, and what the token counts there. */
interface Posting {
  readonly at: number;
  readonly share: number;
}

/** How rare a token is. */
export type WeightOf = (token: string) => number;

/** One phrasing with its likeness to a question, 0 to 1. */
export interface PhrasingMatch {
  readonly text: string;
  readonly likeness: number;
}

/** What another word for the same counts. */
const sameWordShare = 0.8;
/** What a word counts that only the answer holds; it may stand there by chance. */
const answerShare = 0.85;
/** The part of the likeness that the answer may help. */
const answerPart = 0.4;

/** Reading one anew for each phrasing that gives it would take a second at the start. */
const tokensOfPhrase: ReadonlyMap<string, readonly string[]> = new Map(
  knownPhrases.map((phrase) => [phrase, subjectTokens(phrase)]),
);

/** Reads a question or a phrasing. */
export function readPhrasing(text: string): ReadPhrasing {
  const tokens = subjectTokens(text);
  const shares = new Map<string, number>();
  for (const phrase of sameWords(text)) {
    for (const token of tokensOfPhrase.get(phrase) ?? []) shares.set(token, sameWordShare);
  }
  for (const token of tokens) shares.set(token, 1);
  return { tokens, shares };
}

/** Indexes a passage; to be done anew when the weights change. */
export function indexPassage(phrasings: readonly string[], answer: string, weightOf: WeightOf): PassageIndex {
  const read = phrasings.map(readPhrasing);
  const postings = new Map<string, Posting[]>();
  for (const [at, { shares }] of read.entries()) {
    for (const [token, share] of shares) {
      const holding = postings.get(token);
      if (holding === undefined) postings.set(token, [{ at, share }]);
      else holding.push({ at, share });
    }
  }
  const totals = read.map(({ tokens }) => tokens.reduce((sum, token) => sum + weightOf(token), 0));
  return { phrasings, totals, postings, answer: new Set(tokenise(answer)) };
}

/** The phrasings of one passage, the most alike first. */
export function matchPhrasings(question: ReadPhrasing, passage: PassageIndex, weightOf: WeightOf): PhrasingMatch[] {
  const { phrasings, totals, postings, answer } = passage;
  const held = phrasings.map(() => 0);
  const heldBesideAnswer = phrasings.map(() => 0);
  const heldOfPhrasing = phrasings.map(() => 0);
  let asked = 0;
  let heldByAnswer = 0;
  for (const token of question.tokens) {
    const weight = weightOf(token);
    const inAnswer = answer.has(token) ? answerShare : 0;
    asked += weight;
    heldByAnswer += inAnswer * weight;
    for (const { at, share } of postings.get(token) ?? []) {
      held[at] = (held[at] ?? 0) + share * weight;
      heldBesideAnswer[at] = (heldBesideAnswer[at] ?? 0) + Math.max(0, share - inAnswer) * weight;
    }
  }
  if (asked === 0) return phrasings.map((text) => ({ text, likeness: 0 }));
  for (const [token, asShare] of question.shares) {
    const weight = asShare * weightOf(token);
    for (const { at, share } of postings.get(token) ?? []) {
      if (share === 1) heldOfPhrasing[at] = (heldOfPhrasing[at] ?? 0) + weight;
    }
  }
  const likenessOf = (at: number): number => {
    const [shared = 0, sharedOfPhrasing = 0, total = 0] = [held[at], heldOfPhrasing[at], totals[at]];
    // F-measure of the shares that each holds of the other.
    const both = (2 * shared * sharedOfPhrasing) / (shared * total + sharedOfPhrasing * asked || 1);
    return (1 - answerPart) * both + (answerPart * (heldByAnswer + (heldBesideAnswer[at] ?? 0))) / asked;
  };
  return phrasings
    .map((text, at): PhrasingMatch => ({ text, likeness: likenessOf(at) }))
    .toSorted((a, b) => b.likeness - a.likeness);
}
