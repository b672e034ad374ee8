import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSharedPrefixes, sharedPrefixesBytes } from "./shared-prefixes.ts";

const fresh = () => createSharedPrefixes(new SharedArrayBuffer(sharedPrefixesBytes()));
const AT = { index: 3, generation: 1 };
const blocks = fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 60 });

describe("what an endpoint's cache knows", () => {
  it("is the leading part of a prompt that was sent there", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1, maxLength: 60 }),
        fc.nat(60),
        (all, count) => {
          const prefixes = fresh();
          const sent = all.slice(0, count);
          prefixes.add(AT, sent);
          expect(prefixes.match(AT, all)).toBe(sent.length);
        },
      ),
    );
  });

  it("is nothing at another endpoint, or at the next one in its slot", () => {
    fc.assert(
      fc.property(blocks, (prompt) => {
        const prefixes = fresh();
        prefixes.add(AT, prompt);
        expect(prefixes.match({ index: 4, generation: 1 }, prompt)).toBe(0);
        expect(prefixes.match({ index: 3, generation: 2 }, prompt)).toBe(0);
      }),
    );
  });

  it("is asked of all endpoints of a pool at once, and nobody is left out who knows something", () => {
    const seats = [
      { index: 3, generation: 1 },
      undefined,
      { index: 4, generation: 2 },
      { index: 4_000, generation: 1 },
    ];
    const all = Int32Array.of(3, 2, 1, 0);
    const sent = fc.array(fc.record({ seat: fc.constantFrom(0, 2, 3), prompt: blocks }), { maxLength: 20 });
    fc.assert(
      fc.property(sent, blocks, (notes, other) => {
        const prefixes = fresh();
        for (const { seat, prompt } of notes) prefixes.add(seats[seat] as typeof AT, prompt);
        for (const prompt of [other, ...notes.map((note) => note.prompt)]) {
          const found = new Int32Array(4);
          const count = prefixes.findKnowing(prompt, { seats, all, count: 4, found });
          const knowing = [3, 2, 0].filter((seat) => prefixes.match(seats[seat] as typeof AT, prompt) > 0);
          expect([...found.subarray(0, count)]).toEqual(knowing);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is seen by whoever wraps the same memory", () => {
    const memory = new SharedArrayBuffer(sharedPrefixesBytes());
    createSharedPrefixes(memory).add(AT, [1, 2, 3]);
    expect(createSharedPrefixes(memory).match(AT, [1, 2, 3, 4])).toBe(3);
  });

  it("is forgotten as others come, what was used last at the end", () => {
    const prefixes = fresh();
    const promptOf = (prompt: number): number[] => Array.from({ length: 100 }, (_, index) => prompt * 1_000 + index);
    // 40,000 blocks: more than a cache is thought to hold.
    for (let prompt = 0; prompt < 400; prompt += 1) {
      if (prompt === 200) prefixes.add(AT, promptOf(0));
      prefixes.add(AT, promptOf(prompt));
    }
    expect([0, 1, 50, 399].map((prompt) => prefixes.match(AT, promptOf(prompt)))).toEqual([100, 0, 0, 100]);
  });

  it("is thought to be less after disappointments", () => {
    const prefixes = fresh();
    const sent = Array.from({ length: 500 }, (_, index) => index + 1);
    prefixes.add(AT, sent);
    prefixes.learn(AT, [], { expected: 0, found: 1 });
    for (let time = 0; time < 200; time += 1) prefixes.learn(AT, [], { expected: 500, found: 0 });
    expect(prefixes.match(AT, sent)).toBeLessThan(70);
    // The next one in its slot has none of them.
    const next = { ...AT, generation: 2 };
    prefixes.add(next, sent);
    expect(prefixes.match(next, sent)).toBe(500);
  });

  it("is not believed to be nothing of an endpoint that never told of any", () => {
    const prefixes = fresh();
    const sent = [1, 2, 3, 4, 5, 6];
    prefixes.add(AT, sent);
    for (let time = 0; time < 5; time += 1) prefixes.learn(AT, sent, { expected: 6, found: 0 });
    expect(prefixes.match(AT, sent)).toBe(6);
  });

  it("is still there after one miss, for it was read anew, and not after a second one, until it is told to be there", () => {
    const prefixes = fresh();
    const sent = Array.from({ length: 40 }, (_, index) => index * 7 + 1);
    const other = [...sent.slice(0, 10), 1_000, 1_001];
    for (const each of [sent, other]) prefixes.add(AT, each);
    prefixes.learn(AT, sent, { expected: 40, found: 40 });
    prefixes.learn(AT, sent, { expected: 40, found: 12 });
    expect(prefixes.match(AT, sent)).toBe(40);
    prefixes.add(AT, sent);
    prefixes.learn(AT, sent, { expected: 40, found: 12 });
    prefixes.add(AT, [...sent, 2_000]);
    expect([prefixes.match(AT, [...sent, 2_000]), prefixes.match(AT, other)]).toEqual([12, 12]);
    prefixes.learn(AT, sent, { expected: 12, found: 39 });
    expect(prefixes.match(AT, sent)).toBe(39);
  });

  it("is what an endpoint tells of, whoever sent it there", () => {
    const prefixes = fresh();
    prefixes.learn(AT, [1, 2, 3, 4], { expected: 0, found: 3 });
    expect(prefixes.match(AT, [1, 2, 3, 4])).toBe(3);
  });
});
