import { expect, test } from "vitest";
import { nearestWords } from "./nearest-word.ts";

const vocabulary = ["message", "container", "cache", "hyperparameter"];

test.each([
  ["mesage", ["message"]],
  ["contianer", ["container"]],
  ["hyperparamter", ["hyperparameter"]],
  ["contaimer", ["container"]],
])("%s is one slip away from what it was meant to be", (word, meant) => {
  expect(nearestWords(word, vocabulary)).toEqual(meant);
});

test.each(["cash", "k8s", "缓存", "maintainer"])("%s has no word near it", (word) => {
  expect(nearestWords(word, vocabulary)).toEqual([]);
});
