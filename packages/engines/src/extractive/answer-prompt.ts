// The whole of the extractive engine as one pure function: conversation in, answer out.

import type { ChatMessage } from "../openai/engine.ts";
import { choosePassage } from "./choose-passage.ts";
import type { PassageChoice } from "./choose-passage.ts";
import { chooseSentences } from "./choose-sentences.ts";
import { languageOf } from "./language-of.ts";
import { mendSpelling } from "./mend-spelling.ts";
import { plainQuestion } from "./plain-question.ts";
import { readPrompt } from "./read-prompt.ts";
import { refusalIn } from "./refusal.ts";
import type { AliasBook } from "./alias-book.ts";
import type { PassageReader } from "./passage-memo.ts";
import { analysePassage, analyseQuestion } from "./weigh-passage.ts";

/** An answer, or a refusal, with the decision behind it. */
export interface PromptAnswer {
  /** Sentences of the passage and its citation, or the refusal in the language of the question. */
  readonly text: string;
  readonly choice: PassageChoice;
}

/** From this likeness on the title is taken to be the question. */
const titleAnswersFrom = 0.5;

/** Answers the last question of a conversation from the passages in it. `readPassage` may remember what it read before. */
export function answerPrompt(
  messages: readonly ChatMessage[],
  aliases: AliasBook,
  readPassage: PassageReader = (passage) => analysePassage(passage, aliases),
): PromptAnswer {
  const prompt = readPrompt(messages);
  const passages = prompt.passages.map(readPassage);
  const question = analyseQuestion(mendSpelling(plainQuestion(prompt.question), passages), aliases);
  const choice = choosePassage(question, passages, aliases);
  if (choice.outcome === "none") return { text: refusalIn(languageOf(prompt.question)), choice };
  const { passage, evidence } = choice.best;
  const { number, text } = passage.passage;
  const answer = chooseSentences(question, text, evidence.titleMatch >= titleAnswersFrom, aliases);
  return { text: number === undefined ? answer : `${answer} [${number}]`, choice };
}
