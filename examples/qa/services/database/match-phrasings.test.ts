import { expect, test } from "vitest";
import { indexPassage, matchPhrasings, readPhrasing } from "./match-phrasings.ts";

const evenly = (): number => 1;
const match = (
  question: string,
  phrasings: readonly string[],
  answer = "",
  weightOf: (token: string) => number = evenly,
): ReturnType<typeof matchPhrasings> =>
  matchPhrasings(readPhrasing(question), indexPassage(phrasings, answer, weightOf), weightOf);

test("the phrasing that asks for just the thing comes first, before one that holds more and one that holds less", () => {
  const phrasings = ["Why cache?", "Why does a cache forget old entries at night?", "Why does a cache forget?"];
  const matches = match("why would a cache forget", phrasings);
  expect(matches.map(({ text }) => text)).toEqual([phrasings[2], phrasings[1], phrasings[0]]);
  expect(matches[0]?.likeness).toBeGreaterThan(0.9);
});

test("a rare word counts more than a common one", () => {
  const weightOf = (token: string): number => (token === "quorum" ? 5 : 1);
  const phrasings = ["Why does a node fail?", "Why does a quorum matter?"];
  expect(match("why does a quorum fail", phrasings, "", weightOf)[0]?.text).toBe(phrasings[1]);
});

test("another word for the same counts, though less, and so does a word of the answer", () => {
  const likenessOf = (question: string, answer = ""): number =>
    match(question, ["What is artificial intelligence?"], answer)[0]?.likeness ?? 0;
  expect(likenessOf("AI")).toBeGreaterThan(0.5);
  expect(likenessOf("AI")).toBeLessThan(likenessOf("artificial intelligence"));
  expect(likenessOf("intelligence planning", "It plans.")).toBeGreaterThan(likenessOf("intelligence planning"));
});

test("a question of nothing but asking words is like no phrasing", () => {
  expect(match("what is it?", ["What is a pod?"])).toEqual([{ text: "What is a pod?", likeness: 0 }]);
});
