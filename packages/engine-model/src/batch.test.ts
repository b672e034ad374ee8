// The engine step by step: order, times by hand, memory, priorities, prefixes, refusals.

import { describe, expect, it } from "vitest";
import { createBatch } from "./batch.ts";
import type { Batch, BatchOptions, EngineProfile, Sequence, SequenceInput } from "./index.ts";

const profile: EngineProfile = {
  name: "test",
  stepBaseMs: 0,
  perTokenMs: 1,
  perContextTokenMs: 0.01,
  attentionMs: 0,
  perSequenceMs: 0,
  stepOverheadMs: 5,
  requestOverheadMs: 0,
  maxConcurrency: 4,
  maxTokensPerStep: 64,
  kvCapacityTokens: 1024,
  blockTokens: 4,
  hasPrefixCache: false,
  jitter: 0,
};

interface Seen {
  readonly ms: number;
  readonly first: readonly number[];
  readonly finished: readonly number[];
}

function setUp(
  changes: Partial<EngineProfile> = {},
  options: BatchOptions = {},
): {
  readonly batch: Batch;
  readonly add: (id: number, promptTokens: number, outputTokens: number, rest?: Partial<SequenceInput>) => Sequence;
  readonly step: () => Seen;
} {
  const batch = createBatch({ ...profile, ...changes }, options);
  return {
    batch,
    add(id, promptTokens, outputTokens, rest = {}) {
      const sequence = batch.add({ id, promptTokens, outputTokens, ...rest });
      if (sequence === undefined) throw new Error("refused");
      return sequence;
    },
    step() {
      const ms = batch.beginStep() ?? -1;
      const { first, finished } = batch.endStep();
      return { ms, first: first.map(({ id }) => id), finished: finished.map(({ id }) => id) };
    },
  };
}

const ids = (sequences: Iterable<Sequence>): number[] => Array.from(sequences, ({ id }) => id);

describe("a step", () => {
  it("does not begin when there is nothing to do", () => {
    expect(setUp().batch.beginStep()).toBeUndefined();
  });

  it("reads a prompt in chunks, gives the first token with the last of them, then one token each", () => {
    const { batch, add, step } = setUp();
    const sequence = add(1, 100, 3);
    expect(step()).toEqual({ ms: 64 + 5, first: [], finished: [] });
    expect(step()).toEqual({ ms: 36 + 5, first: [1], finished: [] });
    expect(batch.generated(sequence)).toBe(1);
    // It attends to its prompt and what it has generated.
    expect(step()).toEqual({ ms: expect.closeTo(1 + 1.01 + 5) as number, first: [], finished: [] });
    expect(step()).toEqual({ ms: expect.closeTo(1 + 1.02 + 5) as number, first: [], finished: [1] });
    expect(batch.generated(sequence)).toBe(3);
    expect([batch.running, batch.waiting, batch.kvTokens, batch.steps]).toEqual([0, 0, 0, 4]);
  });

  it("lets decodes go first and reads prompts in what is left, in the order of arrival", () => {
    const { batch, add, step } = setUp();
    add(1, 10, 9);
    step();
    add(2, 50, 9);
    add(3, 50, 9);
    // 1 decodes; 2 reads 50 of the 63 tokens that are left, 3 the other 13.
    expect(step()).toMatchObject({ ms: expect.closeTo(64 + 0.11 + 5) as number, first: [2] });
    expect(batch.running).toBe(3);
    expect(step()).toMatchObject({ ms: expect.closeTo(2 + 37 + 0.12 + 0.51 + 5) as number, first: [3] });
    expect(ids(batch.decoding())).toEqual([1, 2, 3]);
  });

  it("counts the attention of a chunk to what stands before it and, by half, to itself", () => {
    const { add, step } = setUp({ attentionMs: 0.01 });
    add(1, 100, 1);
    expect(step().ms).toBeCloseTo(64 + 5 + 0.01 * 64 * 32);
    expect(step().ms).toBeCloseTo(36 + 5 + 0.01 * 36 * (64 + 18));
  });

  it("gives a token to every decode even where a step has fewer tokens than places", () => {
    const { batch, add, step } = setUp({ maxTokensPerStep: 1 });
    for (const id of [1, 2, 3, 4]) add(id, 1, 5);
    step();
    step();
    expect(ids(batch.decoding())).toEqual([1, 2, 3, 4]);
  });

  it("makes a fifth request wait until one of four places is free", () => {
    const { batch, add, step } = setUp();
    for (const id of [1, 2, 3, 4, 5]) add(id, 4, id === 2 ? 1 : 9);
    expect(step().finished).toEqual([2]);
    expect([batch.running, batch.waiting]).toEqual([3, 1]);
    expect(step().first).toEqual([5]);
  });
});

describe("memory", () => {
  it("counts whole blocks", () => {
    const { batch, add, step } = setUp();
    add(1, 5, 9);
    step();
    expect(batch.kvTokens).toBe(8);
    // The tokens 6, 7 and 8 have room; the ninth needs a block.
    for (const tokens of [8, 8, 8, 12]) {
      step();
      expect(batch.kvTokens).toBe(tokens);
    }
  });

  it("pushes out the one that came last when no block is left, and has it read prompt and answer again", () => {
    const { batch, add, step } = setUp({ kvCapacityTokens: 24 });
    const early = add(1, 8, 9);
    const late = add(2, 8, 9);
    step();
    for (let count = 0; count < 4; count++) step();
    // Each holds three blocks and has filled them: 12 tokens with keys and values, the last generated one without.
    expect([batch.kvTokens, batch.generated(early), batch.generated(late)]).toEqual([24, 5, 5]);
    step();
    expect([batch.running, batch.waiting, batch.preemptions, late.preemptions]).toEqual([1, 1, 1, 1]);
    expect([batch.generated(early), batch.generated(late)]).toEqual([6, 5]);
    // It waits until all of its 13 tokens fit.
    while (batch.generated(early) < 9) step();
    expect(step()).toEqual({ ms: 13 + 5, first: [], finished: [] });
    expect(batch.generated(late)).toBe(6);
  });

  it("admits nobody in a step in which somebody was pushed out", () => {
    const { batch, add, step } = setUp({ kvCapacityTokens: 24 }, { policy: "priority" });
    add(1, 8, 9);
    add(2, 8, 9);
    for (let count = 0; count < 5; count++) step();
    add(3, 4, 1, { priority: -1 });
    step();
    expect([batch.preemptions, batch.running, batch.waiting]).toEqual([1, 1, 2]);
    expect(step().finished).toEqual([3]);
  });

  it("refuses what would never fit and takes what just fits", () => {
    const { batch } = setUp({ kvCapacityTokens: 27 });
    // 27 tokens are 6 blocks of 4; the last token generated needs none.
    expect(batch.add({ id: 1, promptTokens: 20, outputTokens: 6 })).toBeUndefined();
    expect(batch.add({ id: 2, promptTokens: 20, outputTokens: 5 })).toBeDefined();
  });
});

describe("the waiting queue", () => {
  it("refuses when places and queue are full", () => {
    const { batch, step } = setUp({ maxConcurrency: 1 }, { maxWaiting: 1 });
    const outcomes = [1, 2, 3].map((id) => batch.add({ id, promptTokens: 4, outputTokens: 1 }) !== undefined);
    expect(outcomes).toEqual([true, true, false]);
    step();
    expect(batch.add({ id: 4, promptTokens: 4, outputTokens: 1 })).toBeDefined();
  });

  it("takes the most urgent first and pushes the least urgent out, under the priority policy", () => {
    const { batch, add, step } = setUp({ maxConcurrency: 2, kvCapacityTokens: 24 }, { policy: "priority" });
    const sequences = [add(1, 8, 9, { priority: 5 }), add(2, 8, 9), add(3, 8, 9, { priority: -1 })];
    step();
    expect(ids(batch.decoding())).toEqual([3, 2]);
    for (let count = 0; count < 5; count++) step();
    expect(sequences.map(({ preemptions }) => preemptions)).toEqual([0, 1, 0]);
    // 2 comes back before 1 gets a place for the first time: it is more urgent.
    while (batch.waiting > 0) step();
    expect(ids(batch.decoding())).toEqual([2, 1]);
  });

  it("takes priorities for nothing under first come, first served", () => {
    const { add, step } = setUp({ maxConcurrency: 1 });
    add(1, 4, 1, { priority: 5 });
    add(2, 4, 1, { priority: -5 });
    expect(step().finished).toEqual([1]);
  });
});

describe("the prefix cache", () => {
  const cached = { hasPrefixCache: true };
  const conversation = { blocks: [11, 12, 13] };

  it("has a prompt read once, shared while in use and kept afterwards", () => {
    const { batch, add, step } = setUp(cached);
    add(1, 14, 3, conversation);
    expect(step().ms).toBe(14 + 5);
    const second = add(2, 14, 1, conversation);
    // 12 of 14 tokens are there. 1 decodes with a context of 15.
    expect(step().ms).toBeCloseTo(1 + 2 + 0.15 + 5);
    expect(second.cachedTokens).toBe(12);
    // Three shared blocks and one of its own for the first; the second has ended.
    expect(batch.kvTokens).toBe(16);
    step();
    expect([batch.kvTokens, batch.cachedPrefix([11, 12, 13, 14], 99)]).toEqual([0, 12]);
    expect([batch.cacheQueries, batch.cacheHits]).toEqual([28, 12]);
  });

  it("counts shared blocks once", () => {
    const { batch, add, step } = setUp(cached);
    add(1, 14, 9, conversation);
    add(2, 14, 9, conversation);
    step();
    expect(batch.kvTokens).toBe(12 + 4 + 4);
  });

  it("computes at least one token of a prompt that is all there", () => {
    const { batch, add, step } = setUp(cached);
    add(1, 12, 1, conversation);
    step();
    const again = add(2, 12, 1, conversation);
    expect(step()).toMatchObject({ ms: 4 + 5, finished: [2] });
    expect([again.cachedTokens, batch.cachedPrefix([11, 12, 13], 12)]).toEqual([8, 8]);
  });

  it("drops the longest unused first, from the end of a prompt", () => {
    const { batch, add, step } = setUp({ ...cached, kvCapacityTokens: 24 });
    add(1, 12, 1, conversation);
    step();
    add(2, 12, 1, { blocks: [21, 22, 23] });
    step();
    // All six blocks are kept; one that is named nowhere takes the place of the oldest.
    add(3, 4, 1);
    step();
    expect([batch.cachedPrefix([11, 12, 13], 99), batch.cachedPrefix([21, 22, 23], 99)]).toEqual([8, 12]);
  });

  it("shares nothing where the engine has none", () => {
    const { batch, add, step } = setUp();
    add(1, 14, 1, conversation);
    step();
    add(2, 14, 1, conversation);
    expect(step().ms).toBe(14 + 5);
    expect([batch.cachedPrefix([11, 12], 99), batch.cacheQueries]).toEqual([0, 0]);
  });
});

describe("a request that is given up", () => {
  it("leaves the queue, a half-read prompt and an answer at once, in a step too, and only once", () => {
    const { batch, add } = setUp({ maxConcurrency: 2 });
    const [decoding, reading, waiting] = [add(1, 4, 9), add(2, 100, 9), add(3, 4, 9)];
    batch.beginStep();
    batch.endStep();
    batch.beginStep();
    expect([batch.running, batch.waiting]).toEqual([2, 1]);
    for (const sequence of [waiting, reading, decoding, decoding]) batch.remove(sequence);
    expect([batch.running, batch.waiting, batch.kvTokens]).toEqual([0, 0, 0]);
    expect(batch.endStep()).toEqual({ first: [], finished: [] });
    expect(batch.generated(decoding)).toBe(1);
    expect(batch.beginStep()).toBeUndefined();
  });

  it("makes room for one that did not fit", () => {
    const { batch, add, step } = setUp({ kvCapacityTokens: 24 });
    const large = add(1, 16, 5);
    add(2, 12, 1);
    step();
    expect(batch.waiting).toBe(1);
    batch.remove(large);
    expect(step().finished).toEqual([2]);
  });
});

describe("jitter", () => {
  it("changes a step's time by the relative deviation that it says, around the same mean", () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const { add, step } = setUp({ jitter: 0.1, perContextTokenMs: 0, kvCapacityTokens: 100_000 }, { random });
    add(1, 1, 20_000);
    const times = Array.from({ length: 20_000 }, () => step().ms / 6);
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const deviation = Math.sqrt(times.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / times.length);
    expect(mean).toBeCloseTo(1, 2);
    expect(deviation).toBeCloseTo(0.1, 2);
  });

  it("is none where nobody draws", () => {
    const { add, step } = setUp({ jitter: 0.1 });
    add(1, 10, 1);
    expect(step().ms).toBe(15);
  });
});
