import { expect, test } from "vitest";
import { definitionOfTerm, normaliseQuestion } from "./normalise-question.ts";

test.each([
  ["什么是人工智能？", "人工智能是什么"],
  ["什么是人工智能？", "何谓人工智能"],
  ["什么是人工智能？", "  请问，什么是 人工智能 呢?"],
  ["什么是人工智能？", "解释一下人工智能"],
  ["什么是人工智能？", "人工智能到底是啥"],
  ["什么是人工智能？", "简单介绍一下人工智能"],
  ["What is Docker?", "Tell me about Docker"],
  ["What is Docker?", "what exactly is docker"],
  ["What is Docker?", "Explain Docker in simple terms."],
  ["什么是人工智能？", "人工智能的定义是什么？"],
  ["什么是 Docker？", "Ｄｏｃｋｅｒ是什么"],
  ["What is Docker?", "what's docker"],
  ["What is Docker?", "Whats DOCKER ???"],
  ["What is a container?", "Please define container."],
  ["What is a container?", "what does container mean?"],
  ["What is a container?", "Could you explain what is a container, please"],
  ["What's self-attention?", "what is self attention"],
])("%s and %s are one question", (left, right) => {
  expect(normaliseQuestion(right)).toBe(normaliseQuestion(left));
});

test.each([
  ["什么是容器？", "什么是容器镜像？"],
  ["什么是容器？", "容器有什么用？"],
  ["什么是性？", "解释性是什么"],
  ["什么是计划？", "What is EXPLAIN PLAN?"],
  ["What is C?", "What is C++?"],
  ["What is a container?", "What is a container for?"],
  ["How do I deploy?", "Why do I deploy?"],
])("%s and %s are two questions", (left, right) => {
  expect(normaliseQuestion(right)).not.toBe(normaliseQuestion(left));
});

test("a bare term asks for its definition", () => {
  expect(definitionOfTerm("Docker")).toBe(normaliseQuestion("What is Docker?"));
  expect(definitionOfTerm("人工智能？")).toBe(normaliseQuestion("什么是人工智能"));
});
