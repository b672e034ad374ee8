// How often the engine is right on whole sets of questions: paraphrases that the example's knowledge base answers, and
// questions that it does not, asked plainly or in conversation. Development questions were looked at while the limits were set, held-out ones were written
// to measure. Finding passages is not the engine's part, so each prompt holds the right one among the five most alike.

import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createAliasBook } from "./alias-book.ts";
import { answerPrompt } from "./answer-prompt.ts";
import { bm25 } from "./bm25.ts";
import { contentTerms } from "./content-terms.ts";
import { languageOf } from "./language-of.ts";
import type { Language } from "./language-of.ts";
import { aliasLines } from "./lexicon/aliases.ts";
import { createPassageMemo } from "./passage-memo.ts";
import { refusalIn } from "./refusal.ts";
import { indexText } from "./text-index.ts";
import type { TextIndex } from "./text-index.ts";

const knowledgeFolder = new URL("../../../../examples/qa/knowledge/", import.meta.url);
const passageCount = 5;
const aliases = createAliasBook(aliasLines);
const readPassage = createPassageMemo(aliases);
const noAliases = createAliasBook([]);

interface QuestionSet {
  readonly answerable: Readonly<
    Record<Language, readonly { readonly question: string; readonly answeredBy: readonly string[] }[]>
  >;
  readonly unknown: Readonly<Record<Language, readonly string[]>>;
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly index: TextIndex;
}

interface Counts {
  readonly asked: number;
  readonly right: number;
  readonly wrong: readonly string[];
}

function readEntries(language: Language): Entry[] {
  const names = readdirSync(knowledgeFolder).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => {
    const entries = JSON.parse(readFileSync(new URL(name, knowledgeFolder), "utf8")) as ({
      readonly id: string;
    } & Readonly<Record<Language, { readonly questions: readonly string[]; readonly answer: string }>>)[];
    return entries.map((entry) => {
      const { questions, answer } = entry[language];
      const title = questions.join(" | ");
      return { id: entry.id, title, text: answer, index: indexText(`${title}\n${answer}`, noAliases) };
    });
  });
}

const knowledge: Readonly<Record<Language, readonly Entry[]>> = { en: readEntries("en"), zh: readEntries("zh") };

/** The passages most alike to a question; one that must be there takes the last place when it is missing. */
function findPassages(question: string, needed: readonly string[]): Entry[] {
  const entries = knowledge[languageOf(question)];
  const scores = bm25(
    contentTerms(question),
    entries.map(({ index }) => index),
  );
  const found = entries
    .map((entry, at) => ({ entry, score: scores[at] ?? 0 }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, passageCount)
    .map(({ entry }) => entry);
  const right = entries.find(({ id }) => needed.includes(id));
  if (right === undefined || found.some(({ id }) => needed.includes(id))) return found;
  return [...found.slice(0, -1), right];
}

/** Id of the passage that the engine's answer cites; undefined for a refusal. */
function answerOf(question: string, needed: readonly string[]): string | undefined {
  const passages = findPassages(question, needed);
  const [head, label] = languageOf(question) === "zh" ? ["资料：", "问题："] : ["Passages:", "Question: "];
  const listed = passages.map(({ title, text }, at) => `[${at + 1}] ${title}\n${text}`).join("\n\n");
  const { text } = answerPrompt(
    [{ role: "user", text: `${head}\n${listed}\n\n${label}${question}` }],
    aliases,
    readPassage,
  );
  if (text === refusalIn(languageOf(question))) return undefined;
  const cited = /\[(\d+)\]$/u.exec(text)?.[1];
  return passages[Number(cited) - 1]?.id ?? "no citation";
}

function measure(set: QuestionSet, language: Language): { readonly answerable: Counts; readonly invented: Counts } {
  const wrong = set.answerable[language].filter(
    ({ question, answeredBy }) => !answeredBy.includes(answerOf(question, answeredBy) ?? ""),
  );
  const invented = set.unknown[language].filter((question) => answerOf(question, []) !== undefined);
  const asked = set.answerable[language].length;
  return {
    answerable: { asked, right: asked - wrong.length, wrong: wrong.map(({ question }) => question) },
    invented: {
      asked: set.unknown[language].length,
      right: set.unknown[language].length - invented.length,
      wrong: invented,
    },
  };
}

describe.each(["development", "held-out", "conversation-development", "conversation-held-out"])(
  "on the %s questions",
  (name) => {
    const set = JSON.parse(
      readFileSync(new URL(`./testdata/${name}-questions.json`, import.meta.url), "utf8"),
    ) as QuestionSet;

    it.each(["en", "zh"] as const)("answers nine of ten rightly and invents at most one of twenty (%s)", (language) => {
      const { answerable, invented } = measure(set, language);
      const figures = `${name} ${language}: ${answerable.right}/${answerable.asked} right, ${invented.wrong.length}/${invented.asked} invented`;
      expect(answerable.asked).toBeGreaterThanOrEqual(60);
      expect(invented.asked).toBeGreaterThanOrEqual(60);
      expect(answerable.right / answerable.asked, `${figures}\n${answerable.wrong.join("\n")}`).toBeGreaterThanOrEqual(
        0.9,
      );
      expect(invented.wrong.length / invented.asked, `${figures}\n${invented.wrong.join("\n")}`).toBeLessThanOrEqual(
        0.05,
      );
    });
  },
);
