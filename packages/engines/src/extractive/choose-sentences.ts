// From a passage the sentences that answer: all of a short text when a title says that it answers the question, else the
// sentences that hold most of the question, in reading order.

import { bm25 } from "./bm25.ts";
import type { AliasBook } from "./alias-book.ts";
import { joinSentences, splitSentences } from "./split-sentences.ts";
import { indexText } from "./text-index.ts";
import type { AnalysedQuestion } from "./weigh-passage.ts";

const maxSentences = 3;
/** A further sentence must score this share of the best one. */
const furtherShare = 0.5;

/**
 * The one to three sentences of a text that answer a question.
 *
 * @param answersTitle true when the text as a whole answers a question like this one, so that its beginning matters.
 */
export function chooseSentences(
  question: AnalysedQuestion,
  text: string,
  answersTitle: boolean,
  aliases: AliasBook,
): string {
  const sentences = text.split("\n").flatMap(splitSentences);
  if (sentences.length <= 1 || (answersTitle && sentences.length <= maxSentences)) return joinSentences(sentences);
  const scores = bm25(
    question.terms,
    sentences.map((sentence) => [indexText(sentence, aliases)]),
  );
  if (answersTitle) scores[0] = Number.POSITIVE_INFINITY;
  const order = scores
    .map((score, index) => ({ score, index }))
    .toSorted((a, b) => b.score - a.score || a.index - b.index);
  const best = order.find(({ score }) => Number.isFinite(score))?.score ?? 0;
  const chosen = order
    .slice(0, maxSentences)
    .filter(({ score }, place) => place === 0 || (score > 0 && score >= best * furtherShare));
  const inOrder = chosen.toSorted((a, b) => a.index - b.index).map(({ index }) => sentences[index] ?? "");
  return joinSentences(inOrder);
}
