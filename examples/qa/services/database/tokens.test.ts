import * as fc from "fast-check";
import { expect, test } from "vitest";
import { queryTokens, stem, tokenise } from "./tokens.ts";

test("a Chinese text gives every pair of neighbouring characters", () => {
  expect(tokenise("负载均衡")).toEqual(expect.arrayContaining(["负载", "载均", "均衡"]));
});

test("a two-character word is found inside a longer run whatever the segmenter makes of it", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[一-龥]{1,6}$/),
      fc.stringMatching(/^[一-龥]{2}$/),
      fc.stringMatching(/^[一-龥]{1,6}$/),
      (before, word, after) => {
        expect(tokenise(before + word + after)).toContain(word);
      },
    ),
  );
});

test("a possessive ending is no part of the word", () => {
  expect(tokenise("a tokenizer's job")).toEqual(tokenise("a tokenizer job"));
});

test("full-width and upper-case letters give the same tokens as plain ones", () => {
  expect(tokenise("ＧＰＵ 显存")).toEqual(tokenise("gpu 显存"));
});

test.each([
  ["containers", "container"],
  ["deploying", "deploy"],
  ["deployed", "deploy"],
  ["policies", "policy"],
  ["caches", "cache"],
  ["scaling", "scale"],
  ["running", "runs"],
  ["embedding", "embeddings"],
  ["quantise", "quantized"],
])("%s and %s have one stem", (left, right) => {
  expect(stem(left)).toBe(stem(right));
});

test.each(["bus", "class", "status", "string", "red", "k8s"])("%s is left whole", (word) => {
  expect(stem(word)).toBe(word);
});

test("words that only make a question are left out of a query", () => {
  expect(queryTokens("请问什么是网址？")).toEqual(["网址"]);
  expect(queryTokens("谁能讲讲网址？")).toEqual(["网址"]);
  expect(queryTokens("What is a layer?")).toEqual(["layer"]);
  expect(queryTokens("什么是？")).toEqual([]);
});

test("a query has a bounded number of distinct tokens", () => {
  const words = Array.from({ length: 500 }, (_, index) => `word${index}`).join(" ");
  expect(queryTokens(`${words} ${words}`)).toHaveLength(128);
});
