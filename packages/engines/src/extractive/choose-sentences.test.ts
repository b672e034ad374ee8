// Sentences must be cut at their ends only, chosen for the question and given in reading order.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseSentences } from "./choose-sentences.ts";
import { splitSentences } from "./split-sentences.ts";
import { createAliasBook } from "./alias-book.ts";
import { analyseQuestion } from "./weigh-passage.ts";

const noAliases = createAliasBook([]);

describe("splitSentences", () => {
  it("cuts at the end of sentences in both languages", () => {
    expect(splitSentences("One is here. Two is there! Three?")).toEqual(["One is here.", "Two is there!", "Three?"]);
    expect(splitSentences("一是这样。二是那样！三呢？")).toEqual(["一是这样。", "二是那样！", "三呢？"]);
  });

  it("does not cut inside numbers, names and lower-case abbreviations", () => {
    expect(splitSentences("Node.js 24.1 is out. It is e.g. faster.")).toEqual([
      "Node.js 24.1 is out.",
      "It is e.g. faster.",
    ]);
  });

  it("loses nothing but blank ends", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "B", " ", ".", "。", "?", "”", "1") }), (text) => {
        const joined = splitSentences(text).join("");
        expect(joined.replaceAll(/\s/gu, "")).toBe(text.replaceAll(/\s/gu, ""));
      }),
    );
  });
});

describe("chooseSentences", () => {
  const question = analyseQuestion("How are logs rotated?", noAliases);
  const long =
    "A keeper is a small process. It starts the others. It reads their output. Logs are rotated at ten megabytes. Rotated logs are kept for a week. It answers on a socket.";

  it("gives a short text whole when its title is the question", () => {
    const text = "Logs are rotated. Nothing else.";
    expect(chooseSentences(question, text, true, noAliases)).toBe(text);
  });

  it("gives the sentences about the question, in reading order", () => {
    expect(chooseSentences(question, long, false, noAliases)).toBe(
      "Logs are rotated at ten megabytes. Rotated logs are kept for a week.",
    );
  });

  it("keeps the beginning of a long text whose title is the question", () => {
    expect(chooseSentences(question, long, true, noAliases)).toBe(
      "A keeper is a small process. Logs are rotated at ten megabytes. Rotated logs are kept for a week.",
    );
  });

  it("puts lines together, with a space only where the language has one", () => {
    expect(chooseSentences(question, "Logs are rotated.\n\nNothing else.", true, noAliases)).toBe(
      "Logs are rotated. Nothing else.",
    );
    expect(chooseSentences(question, "日志会轮转。\n别的没有。", true, noAliases)).toBe("日志会轮转。别的没有。");
  });
});
