import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPrefixIndex, type PrefixIndex } from "./prefix-index.ts";

const prompt = (name: number, blocks: number): number[] =>
  Array.from({ length: blocks }, (_, index) => name * 10_000 + index);

/** Of the endpoints 0 to 4 without 2, those that may know a prompt. */
function knowing(index: PrefixIndex, blocks: readonly number[]): readonly number[] {
  const found = new Int32Array(5);
  const count = index.findKnowing(blocks, Int32Array.of(0, 1, 3, 4, 2), 4, found);
  return [...found.subarray(0, count)];
}

describe("the prefix index", () => {
  it("leaves nobody out who knows a prompt when it is asked who may, and keeps the order", () => {
    const events = fc.array(
      fc.record({
        endpoint: fc.nat(4),
        name: fc.nat(6),
        blocks: fc.integer({ min: 1, max: 12 }),
        told: fc.option(fc.record({ expected: fc.nat(12), found: fc.nat(12) })),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(events, (happened) => {
        const index = createPrefixIndex({ endpoints: 5, maxBlocks: 40 });
        for (const { endpoint, name, blocks, told } of happened) {
          index.add(endpoint, prompt(name, blocks));
          if (told !== null) index.learn(endpoint, prompt(name, blocks), told);
        }
        for (let name = 0; name <= 6; name += 1) {
          const found = knowing(index, prompt(name, 12));
          expect(found).toEqual(found.toSorted((left, right) => left - right));
          expect(found).not.toContain(2);
          const sure = [0, 1, 3, 4].filter((endpoint) => index.match(endpoint, prompt(name, 12)) > 0);
          expect(found).toEqual(expect.arrayContaining(sure));
        }
      }),
    );
    expect(knowing(createPrefixIndex({ endpoints: 5 }), [])).toEqual([]);
  });

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
    index.learn(0, prompt(500, 10), { expected: 0, found: 1 });
    expect(index.match(0, prompt(1, 10))).toBe(10);
    for (let answer = 0; answer < 30; answer += 1)
      index.learn(0, prompt(1_000 + answer, 10), { expected: 10, found: 0 });
    expect(index.match(0, prompt(1, 10))).toBe(0);
    expect(index.match(0, prompt(199, 10))).toBe(10);
  });

  it("holds more again when it was right, but never more than its bound", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10, maxBlocks: 500 });
    for (let name = 0; name < 50; name += 1) index.add(0, prompt(name, 10));
    const told = prompt(49, 10);
    index.learn(0, told, { expected: 10, found: 10 });
    for (let answer = 0; answer < 10; answer += 1) index.learn(0, prompt(100 + answer, 10), { expected: 10, found: 0 });
    for (let answer = 0; answer < 1_000; answer += 1) index.learn(0, told, { expected: 10, found: 10 });
    for (let name = 0; name < 60; name += 1) index.add(0, prompt(name, 10));
    expect([index.match(0, prompt(9, 10)), index.match(0, prompt(10, 10))]).toEqual([0, 10]);
  });

  it("learns nothing from an answer of which nothing was expected, and from endpoints that never tell of cached tokens", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10, maxBlocks: 100 });
    index.add(0, prompt(1, 100));
    for (let answer = 0; answer < 50; answer += 1) index.learn(0, prompt(1, 100), { expected: 100, found: 0 });
    expect(index.match(0, prompt(1, 100))).toBe(100);
    index.learn(0, prompt(1, 100), { expected: 100, found: 100 });
    for (let answer = 0; answer < 50; answer += 1) index.learn(0, prompt(2, 100), { expected: 0, found: 0 });
    expect(index.match(0, prompt(1, 100))).toBe(100);
  });

  it("forgives one miss, for what was read anew is there afterwards, and drops a prompt that is missed again", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10 });
    const [kept, missed] = [prompt(1, 20), prompt(2, 20)];
    for (const each of [kept, missed]) index.add(0, each);
    index.learn(0, kept, { expected: 20, found: 20 });
    index.learn(0, missed, { expected: 20, found: 5 });
    expect([index.match(0, kept), index.match(0, missed)]).toEqual([20, 20]);
    index.learn(0, missed, { expected: 20, found: 5 });
    index.add(0, [...missed, 77, 78]);
    expect([index.match(0, kept), index.match(0, [...missed, 77, 78])]).toEqual([20, 5]);
    index.learn(0, missed, { expected: 5, found: 20 });
    expect(index.match(0, [...missed, 77, 78])).toBe(22);
  });

  it("forgets a miss that is followed by a hit, and enters what it did not know of", () => {
    const index = createPrefixIndex({ endpoints: 1, blockTokens: 10 });
    index.learn(0, prompt(3, 8), { expected: 0, found: 6 });
    expect(index.match(0, prompt(3, 8))).toBe(6);
    for (const found of [0, 6, 0]) index.learn(0, prompt(3, 8), { expected: 6, found });
    expect(index.match(0, prompt(3, 8))).toBe(6);
  });
});
