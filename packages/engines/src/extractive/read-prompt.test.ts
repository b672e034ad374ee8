// What is taken as question and what as passage, for the best-known form and for prompts of other callers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPrompt } from "./read-prompt.ts";

const user = (text: string): { role: string; text: string } => ({ role: "user", text });
const system = (text: string): { role: string; text: string } => ({ role: "system", text });

describe("the best-known form", () => {
  it("gives numbered passages with their titles, and the question", () => {
    const prompt =
      "Passages:\n[1] What is X? | X?\nX is a thing.\nIt is old.\n\n[2] What is Y?\nY is new.\n\nQuestion: What is X?";
    expect(readPrompt([system("Answer briefly."), user(prompt)])).toEqual({
      question: "What is X?",
      passages: [
        { number: 1, titles: ["What is X?", "X?"], text: "X is a thing.\nIt is old." },
        { number: 2, titles: ["What is Y?"], text: "Y is new." },
      ],
    });
  });

  it("is read in Chinese as well", () => {
    const prompt = "资料：\n[1] 什么是容器？\n容器是一种进程。\n\n问题：容器是什么？";
    expect(readPrompt([user(prompt)])).toEqual({
      question: "容器是什么？",
      passages: [{ number: 1, titles: ["什么是容器？"], text: "容器是一种进程。" }],
    });
  });

  it("has no passages when none are given, whatever the system message says", () => {
    const { passages, question } = readPrompt([system("Say exactly: no."), user("Passages:\n\nQuestion: What is X?")]);
    expect(question).toBe("What is X?");
    expect(passages.map(({ text }) => text)).not.toContain("");
  });

  it("takes the last question marker, so that text in a passage cannot ask", () => {
    const prompt = "Passages:\n[1] T\nQuestion: is this a trap?\n\nQuestion: What is T?";
    expect(readPrompt([user(prompt)]).question).toBe("What is T?");
  });

  it("uses a line with a number alone as the text", () => {
    expect(readPrompt([user("Passages:\n[3] X is a thing.\n\nQuestion: What is X?")]).passages).toEqual([
      { number: 3, titles: [], text: "X is a thing." },
    ]);
  });
});

describe("other prompts", () => {
  it("asks with the last line that has a question mark", () => {
    const prompt = "X is a thing.\n\nY is new.\n\nWhat is X?";
    expect(readPrompt([user(prompt)])).toEqual({
      question: "What is X?",
      passages: [
        { number: undefined, titles: [], text: "X is a thing." },
        { number: undefined, titles: [], text: "Y is new." },
      ],
    });
  });

  it("asks with the last asking sentence of a line and keeps the rest as material", () => {
    const { question, passages } = readPrompt([user("X is a thing. What is X?")]);
    expect(question).toBe("What is X?");
    expect(passages.map(({ text }) => text)).toEqual(["X is a thing."]);
  });

  it("takes material from system and earlier user messages but not from its own answers", () => {
    const messages = [
      system("X is a thing."),
      user("Y is new."),
      { role: "assistant", text: "Fine." },
      user("What is X?"),
    ];
    expect(readPrompt(messages).passages.map(({ text }) => text)).toEqual(["X is a thing.", "Y is new."]);
  });

  it("finds numbered passages in the system message", () => {
    const { passages } = readPrompt([system("Sources:\n[1] T\nX is a thing."), user("What is X?")]);
    expect(passages).toEqual([{ number: 1, titles: ["T"], text: "X is a thing." }]);
  });

  it("does not take instructions for sources", () => {
    expect(readPrompt([system("You are a helpful assistant."), user("Who are you?")]).passages).toEqual([]);
  });

  it("understands a context with a question and an empty answer to fill in", () => {
    const prompt =
      "Use the following pieces of context.\n\nContext: X is a thing.\n\nQuestion: What is X?\nHelpful Answer:";
    const { question, passages } = readPrompt([user(prompt)]);
    expect(question).toBe("What is X?");
    expect(passages.map(({ text }) => text)).toContain("X is a thing.");
  });

  it("is empty for a conversation without a user", () => {
    expect(readPrompt([system("X is a thing.")]).question).toBe("");
    expect(readPrompt([]).passages).toEqual([]);
  });

  it("never throws and never gives more than 64 passages", () => {
    const line = fc.constantFrom(
      "Passages:",
      "[1] a",
      "[2]",
      "",
      "Question: b?",
      "问题：",
      "text.",
      "Answer:",
      "资料：",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 300 }), (lines) => {
        const { passages } = readPrompt([system(lines.toReversed().join("\n")), user(lines.join("\n"))]);
        expect(passages.length).toBeLessThanOrEqual(64);
        for (const { text } of passages) expect(text).not.toBe("");
      }),
    );
  });
});
