// Which words of a question count, and how a text is found to hold them.

import { describe, expect, it } from "vitest";
import { contentTerms, coverage, coverOf } from "./content-terms.ts";
import { createAliasBook } from "./alias-book.ts";
import { indexText, indexTitle } from "./text-index.ts";

const noAliases = createAliasBook([]);
const forms = (text: string): string[] => contentTerms(text).map(({ form }) => form);

describe("contentTerms", () => {
  it("drops the words that only ask, in both languages", () => {
    expect(forms("Can you please tell me what a container is?")).toEqual(["container"]);
    expect(forms("请问什么是容器？")).toEqual(["容器"]);
    expect(forms("为什么要用容器呢")).toEqual(["容器"]);
    expect(forms("What is it?")).toEqual([]);
    expect(forms("What is a container's job?")).toEqual(forms("What is the job of a container?"));
  });

  it("gives adverbs and irregular forms of everyday verbs little weight", () => {
    for (const term of contentTerms("requests shared evenly, brought back and forgotten").slice(2)) {
      expect(term.weight).toBeLessThan(1);
    }
  });

  it("takes a longer word for one that it extends, but not for one with one letter more", () => {
    const [longer, other] = [contentTerms("containerisation")[0], contentTerms("containerd")[0]];
    const index = indexText("a container", noAliases);
    expect(longer === undefined ? 0 : coverOf(longer, index)).toBeGreaterThan(0.5);
    expect(other === undefined ? 1 : coverOf(other, index)).toBe(0);
  });

  it("joins a single Han character to its word", () => {
    expect(forms("微服务是什么")).toEqual(["微服务"]);
    expect(forms("虚拟机")).toEqual(["虚拟机"]);
  });

  it("drops Chinese wrappings however they are cut", () => {
    expect(forms("小白求教，谁能讲讲容器")).toEqual(["容器"]);
    expect(forms("简述容器")).toEqual(["容器"]);
  });

  it("weighs a word with a stray Han character, and a number that counts things, as everyday words", () => {
    const weights = (text: string): number[] => contentTerms(text).map(({ weight }) => weight);
    expect(Math.max(...weights("换更大的"))).toBeLessThan(1);
    expect(weights("it takes 2 minutes")[0]).toBeLessThan(1);
    expect(weights("what is HTTP 2")[1]).toBeGreaterThan(1);
  });

  it("gives names and numbers more weight and light words less", () => {
    const weightOf = (text: string, form: string): number | undefined =>
      contentTerms(text).find((term) => term.form === form)?.weight;
    expect(weightOf("What is the price of an H100?", "h100")).toBeGreaterThan(1);
    expect(weightOf("Why is Paris big?", "paris")).toBeGreaterThan(1);
    expect(weightOf("Containers are good", "container")).toBe(1);
    expect(weightOf("how do I start a container", "start")).toBeLessThan(1);
    expect(weightOf("What is the history of containers?", "histor")).toBeGreaterThan(1);
  });
});

describe("coverage", () => {
  const termOf = (text: string): ReturnType<typeof contentTerms>[number] => {
    const [term] = contentTerms(text);
    if (term === undefined) throw new Error(`no term in ${text}`);
    return term;
  };

  it("finds an English word in any of its forms", () => {
    expect(coverOf(termOf("deployments"), indexText("We deployed it.", noAliases))).toBe(1);
  });

  it("finds a Chinese word however the text around it is cut", () => {
    expect(coverOf(termOf("微服务"), indexText("把应用拆成微服务架构", noAliases))).toBe(1);
  });

  it("gives half for half of a compound", () => {
    expect(coverOf(termOf("区块链"), indexText("区块存储", noAliases))).toBeCloseTo(2 / 3, 9);
    expect(coverOf(termOf("区块链"), indexText("链上的区", noAliases))).toBe(0);
  });

  it("finds a word by its alias", () => {
    const aliases = createAliasBook(["large language model|llm|大语言模型"]);
    expect(coverOf(termOf("LLM"), indexText("Large language models predict text.", aliases))).toBe(1);
    expect(coverOf(termOf("LLM"), indexText("大语言模型预测文本", aliases))).toBe(1);
    expect(coverOf(termOf("LLM"), indexText("A language model.", aliases))).toBe(0);
  });

  it("finds a name written as one word by its parts, and initials by the words of a title", () => {
    expect(coverOf(termOf("PodDisruptionBudget"), indexText("a pod disruption budget", noAliases))).toBe(1);
    expect(coverOf(termOf("config"), indexText("A ConfigMap holds settings.", noAliases))).toBe(1);
    expect(coverOf(termOf("PVC"), indexTitle("What is a persistent volume claim?", noAliases))).toBe(1);
    expect(coverOf(termOf("PVC"), indexText("What is a persistent volume claim?", noAliases))).toBe(0);
  });

  it("is the held share of the weight, and 0 for a question without content", () => {
    const index = indexText("A container is a process.", noAliases);
    expect(coverage(contentTerms("container orchestra"), index)).toBeCloseTo(0.5, 9);
    expect(coverage([], index)).toBe(0);
  });
});
