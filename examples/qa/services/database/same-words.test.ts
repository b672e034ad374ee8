import { expect, test } from "vitest";
import { sameWords } from "./same-words.ts";
import { queryTokens } from "./tokens.ts";

test("a short name stands for the long one, in both languages and in the plural", () => {
  expect(sameWords("how do LLMs work")).toContain("大语言模型");
  expect(sameWords("什么是人工智能")).toContain("artificial intelligence");
  expect(queryTokens("K8s 是什么？")).toContain(queryTokens("Kubernetes")[0]);
});

test("an everyday word stands for the name of the thing", () => {
  expect(sameWords("两次发一样的请求，逐字返回")).toContain("stream");
  expect(sameWords("should I turn away requests")).toContain("load shedding");
});

test("a short name inside another word stands for nothing", () => {
  expect(sameWords("rain and email")).toEqual([]);
});
