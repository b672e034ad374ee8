// How alike a question and one of a passage's phrasings are. A passage has some thirty phrasings: put together they hold
// nearly every word, so each is compared by itself, and a word counts by how few passages hold it.
import { sameWords } from "./same-words.ts";
import { subjectTokens } from "./tokens.ts";

/** A question or a phrasing, ready to be compared. */
export interface ReadPhrasing {
  readonly text: string;
  readonly tokens: readonly string[];
  /** The tokens, each with 1, and those of other words for the same, with less. */
  readonly shares: ReadonlyMap<string, number>;
}

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

/** Reads a question or a phrasing. */
export function readPhrasing(text: string): ReadPhrasing {
  const tokens = subjectTokens(text);
  const shares = new Map(
    sameWords(text).flatMap((words) => subjectTokens(words).map((token) => [token, sameWordShare])),
  );
  for (const token of tokens) shares.set(token, 1);
  return { text, tokens, shares };
}

/** The phrasings of one passage, the most alike first. `weightOf` says how rare a token is. */
export function matchPhrasings(
  question: ReadPhrasing,
  phrasings: readonly ReadPhrasing[],
  answer: ReadonlySet<string>,
  weightOf: (token: string) => number,
): PhrasingMatch[] {
  const weights = question.tokens.map(weightOf);
  const asked = weights.reduce((sum, weight) => sum + weight, 0);
  if (asked === 0) return phrasings.map(({ text }) => ({ text, likeness: 0 }));
  const matches = phrasings.map((phrasing): PhrasingMatch => {
    let held = 0;
    let heldWithAnswer = 0;
    for (const [at, token] of question.tokens.entries()) {
      const share = phrasing.shares.get(token) ?? 0;
      const weight = weights[at] ?? 0;
      held += share * weight;
      heldWithAnswer += Math.max(share, answer.has(token) ? answerShare : 0) * weight;
    }
    let total = 0;
    let heldOfPhrasing = 0;
    for (const token of phrasing.tokens) {
      const weight = weightOf(token);
      total += weight;
      heldOfPhrasing += (question.shares.get(token) ?? 0) * weight;
    }
    // F-measure of the shares that each holds of the other.
    const both = (2 * held * heldOfPhrasing) / (held * total + heldOfPhrasing * asked || 1);
    return { text: phrasing.text, likeness: (1 - answerPart) * both + (answerPart * heldWithAnswer) / asked };
  });
  return matches.toSorted((a, b) => b.likeness - a.likeness);
}
