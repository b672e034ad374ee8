import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clearBlocks,
  confirmBlocks,
  createBlockCache,
  leadingBlocks,
  missBlocks,
  noteBlocks,
  resizeCache,
} from "./block-cache.ts";

/** Prompts of a small tree: block ids name the whole prefix, as a chain of hashes does. */
const prompts = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 }), { maxLength: 60 }).map((paths) =>
  paths.map((path) => {
    let id = 1;
    return path.map((turn) => (id = (id * 4 + turn + 1) % 9_007_199_254_740_881));
  }),
);

/** The same with a list: the last is the newest. */
function model(initial: number) {
  let maxBlocks = initial;
  let order: number[] = [];
  const misses = new Map<number, number>();
  const note = (blocks: readonly number[]): void => {
    for (const block of blocks.slice(0, maxBlocks).toReversed()) {
      if (!order.includes(block)) misses.delete(block);
      order = [...order.filter((other) => other !== block), block];
      if (order.length > maxBlocks) order = order.slice(1);
    }
  };
  return {
    note,
    miss(blocks: readonly number[], expected: number, found: number): void {
      for (const block of blocks.slice(found, expected)) misses.set(block, (misses.get(block) ?? 0) + 1);
    },
    confirm(blocks: readonly number[], found: number): void {
      note(blocks.slice(0, found));
      for (const block of blocks.slice(0, found)) misses.delete(block);
    },
    resize(size: number): void {
      maxBlocks = size;
      order = order.slice(-size);
    },
    leading(blocks: readonly number[]): number {
      const missing = blocks.findIndex((block) => !order.includes(block) || (misses.get(block) ?? 0) >= 2);
      return missing < 0 ? blocks.length : missing;
    },
    size: () => order.length,
  };
}

describe("the block cache", () => {
  it("knows what a list of the most recently used blocks knows", () => {
    fc.assert(
      fc.property(
        prompts,
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.nat()),
        (paths, maxBlocks, chances) => {
          const cache = createBlockCache(maxBlocks);
          const list = model(maxBlocks);
          const next = (bound: number): number => (chances.next().value as number) % bound;
          for (const path of paths) {
            if (next(8) === 0) {
              const size = 1 + next(maxBlocks);
              resizeCache(cache, size);
              list.resize(size);
            }
            noteBlocks(cache, path);
            list.note(path);
            expect(cache.size).toBe(list.size());
            const said = paths[next(paths.length)] as number[];
            const [expected, found] = [next(13), next(13)];
            const kind = next(6);
            if (kind === 0) {
              missBlocks(cache, said, { expected, found });
              list.miss(said, expected, found);
            } else if (kind === 1) {
              confirmBlocks(cache, said, found);
              list.confirm(said, found);
            }
            const asked = paths[next(paths.length)] as number[];
            expect(leadingBlocks(cache, asked)).toBe(list.leading(asked));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("tells ids apart that differ only above 32 bits", () => {
    const cache = createBlockCache(10);
    noteBlocks(cache, [7, 7 + 2 ** 40, 7 + 2 ** 52]);
    expect(leadingBlocks(cache, [7, 7 + 2 ** 40, 7 + 2 ** 52])).toBe(3);
    expect(leadingBlocks(cache, [7 + 2 ** 41])).toBe(0);
  });

  it("forgets the ends of old prompts first and keeps the prefix that prompts share", () => {
    const cache = createBlockCache(6);
    noteBlocks(cache, [1, 2, 3, 4]);
    noteBlocks(cache, [1, 2, 5, 6, 7]);
    expect(leadingBlocks(cache, [1, 2, 3, 4])).toBe(3);
    noteBlocks(cache, [8]);
    expect(leadingBlocks(cache, [1, 2, 3, 4])).toBe(2);
    expect(leadingBlocks(cache, [1, 2, 5, 6, 7])).toBe(5);
  });

  it("takes no more of a prompt than it can hold", () => {
    const cache = createBlockCache(3);
    noteBlocks(cache, [1, 2, 3, 4, 5]);
    expect(leadingBlocks(cache, [1, 2, 3, 4, 5])).toBe(3);
  });

  it("knows nothing after it was cleared", () => {
    const cache = createBlockCache(3);
    noteBlocks(cache, [1, 2]);
    clearBlocks(cache);
    expect(leadingBlocks(cache, [1, 2])).toBe(0);
    noteBlocks(cache, [3]);
    expect(leadingBlocks(cache, [3])).toBe(1);
  });

  it("finds how much of a prompt of two thousand blocks is known", () => {
    const cache = createBlockCache(31_250);
    const blocks = Array.from({ length: 2_000 }, (_, index) => index * 104_729);
    noteBlocks(cache, blocks.slice(0, 1_234));
    expect(leadingBlocks(cache, blocks)).toBe(1_234);
  });
});
