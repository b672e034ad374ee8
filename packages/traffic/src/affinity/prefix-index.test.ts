import { describe, expect, it } from "vitest";
import { createPrefixIndex } from "./prefix-index.ts";

const prompt = (name: number, blocks: number): number[] =>
  Array.from({ length: blocks }, (_, index) => name * 10_000 + index);

describe("the prefix index", () => {
  it("knows of each endpoint what was sent there", () => {
    const index = createPrefixIndex({ endpoints: 2, blockTokens: 16 });
    index.add(1, [1, 2, 3]);
    expect([index.match(0, [1, 2, 3]), index.match(1, [1, 2, 3, 4]), index.match(1, [1, 9])]).toEqual([0, 3, 1]);
    index.forget(1);
    expect(index.match(1, [1])).toBe(0);
    expect(index.match(7, [1])).toBe(0);
  });

  it("comes to know that an endpoint holds less than was thought", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10 });
    for (let name = 0; name < 200; name += 1) index.add(0, prompt(name, 10));
    expect(index.match(0, prompt(0, 10))).toBe(10);
    for (let answer = 0; answer < 30; answer += 1) index.learn(0, 100, 0);
    expect(index.match(0, prompt(0, 10))).toBe(0);
    expect(index.match(0, prompt(199, 10))).toBe(10);
  });

  it("holds more again when it was right, but never more than its bound", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10, maxBlocks: 500 });
    for (let name = 0; name < 50; name += 1) index.add(0, prompt(name, 10));
    for (let answer = 0; answer < 10; answer += 1) index.learn(0, 100, 0);
    for (let answer = 0; answer < 1_000; answer += 1) index.learn(0, 100, 100);
    for (let name = 0; name < 60; name += 1) index.add(0, prompt(name, 10));
    expect([index.match(0, prompt(9, 10)), index.match(0, prompt(10, 10))]).toEqual([0, 10]);
  });

  it("learns nothing from an answer of which nothing was expected", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10, maxBlocks: 100 });
    index.add(0, prompt(1, 100));
    for (let answer = 0; answer < 50; answer += 1) index.learn(0, 0, 0);
    expect(index.match(0, prompt(1, 100))).toBe(100);
  });
});
