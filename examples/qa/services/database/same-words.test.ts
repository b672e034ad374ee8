import { expect, test } from "vitest";
import { sameWords } from "./same-words.ts";
import { queryTokens } from "./tokens.ts";

test("a short name stands for the long one, in both languages and in the plural", () => {
  expect(sameWords("how do LLMs work")).toContain("大语言模型");
  expect(sameWords("什么是人工智能")).toContain("artificial intelligence");
  expect(queryTokens("K8s 是什么？")).toContain(queryTokens("Kubernetes")[0]);
});

test("a short name inside another word stands for nothing", () => {
  expect(sameWords("rain and email")).toEqual([]);
});
