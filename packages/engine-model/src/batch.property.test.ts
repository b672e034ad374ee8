// Whatever comes and goes, the batch does what the slow one does, never holds more memory than there is, loses nobody and leaves
// nobody waiting whom it could serve.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBatch } from "./batch.ts";
import type { Batch, EngineProfile, Sequence, SequenceInput } from "./index.ts";
import type { BatchSequence } from "./sequence.ts";
import { createSlowBatch } from "./testing/slow-batch.ts";
import type { SlowBatch, SlowSequence } from "./testing/slow-batch.ts";

interface Arrival {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly priority: number;
  /** Which way the prompt takes at each block: prompts with the same ways share their first blocks. */
  readonly ways: readonly number[];
}

type Move =
  | { readonly kind: "add"; readonly arrival: Arrival }
  | { readonly kind: "remove"; readonly which: number }
  | { readonly kind: "begin-or-end" };

const arrivals = fc.record({
  promptTokens: fc.integer({ min: 1, max: 60 }),
  outputTokens: fc.integer({ min: 1, max: 40 }),
  priority: fc.integer({ min: -1, max: 2 }),
  ways: fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 8, size: "max" }),
});
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), arrival: arrivals }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), which: fc.nat({ max: 40 }) }) },
  { weight: 12, arbitrary: fc.constant<Move>({ kind: "begin-or-end" }) },
);
const profiles: fc.Arbitrary<EngineProfile> = fc.record({
  name: fc.constant("test"),
  stepBaseMs: fc.constant(10),
  perTokenMs: fc.constant(0.5),
  perContextTokenMs: fc.constant(0.125),
  attentionMs: fc.constant(0.0625),
  perSequenceMs: fc.constant(0.25),
  stepOverheadMs: fc.constant(1),
  requestOverheadMs: fc.constant(0),
  maxConcurrency: fc.integer({ min: 1, max: 8 }),
  maxTokensPerStep: fc.integer({ min: 1, max: 64 }),
  kvCapacityTokens: fc.integer({ min: 24, max: 200 }),
  blockTokens: fc.integer({ min: 1, max: 9 }),
  hasPrefixCache: fc.boolean(),
  jitter: fc.constant(0),
});
const scenarios = fc.record({
  profile: profiles,
  policy: fc.constantFrom("fcfs" as const, "priority" as const),
  maxWaiting: fc.integer({ min: 0, max: 12 }),
  moves: fc.array(moves, { minLength: 1, maxLength: 250, size: "max" }),
});

/** More than any scenario needs, so that one that stalls fails and does not hang. */
const maxMoves = 50_000;

function inputOf(id: number, arrival: Arrival, blockTokens: number): SequenceInput {
  const full = Math.floor(arrival.promptTokens / blockTokens);
  const blocks: number[] = [];
  // The id of a block names the whole way up to it.
  for (const way of arrival.ways.slice(0, full)) blocks.push(2 * (blocks.at(-1) ?? 0) + way + 1);
  return { id, blocks, ...arrival };
}

const ids = (list: readonly Sequence[]): number[] => list.map(({ id }) => id);

/** Both batches side by side. */
interface Pair {
  readonly batch: Batch;
  readonly slow: SlowBatch;
  readonly sequences: { readonly fast: Sequence; readonly slow: SlowSequence }[];
  isInStep: boolean;
}

function move(pair: Pair, next: Move, profile: EngineProfile): void {
  switch (next.kind) {
    case "add": {
      const input = inputOf(pair.sequences.length, next.arrival, profile.blockTokens);
      const fast = pair.batch.add(input);
      const slow = pair.slow.add(input);
      expect(fast === undefined).toBe(slow === undefined);
      if (fast !== undefined && slow !== undefined) pair.sequences.push({ fast, slow });
      return;
    }
    case "remove": {
      const target = pair.sequences[next.which];
      if (target === undefined) return;
      pair.batch.remove(target.fast);
      pair.slow.remove(target.slow);
      return;
    }
    case "begin-or-end":
      if (pair.isInStep) endBoth(pair);
      else beginBoth(pair);
      return;
    default:
      next satisfies never;
  }
}

function beginBoth(pair: Pair): void {
  const durationMs = pair.batch.beginStep();
  const expectedMs = pair.slow.beginStep();
  expect(durationMs ?? -1).toBeCloseTo(expectedMs ?? -1, 9);
  pair.isInStep = durationMs !== undefined;
}

function endBoth(pair: Pair): void {
  const { first, finished } = pair.batch.endStep();
  const expected = pair.slow.endStep();
  expect({ first: ids(first), finished: ids(finished) }).toEqual({
    first: expected.first.map(({ input }) => input.id),
    finished: expected.finished.map(({ input }) => input.id),
  });
  pair.isInStep = false;
}

function compare({ batch, slow, sequences }: Pair, profile: EngineProfile): void {
  const seen = [batch.running, batch.waiting, batch.kvTokens, batch.preemptions];
  const preemptions = sequences.reduce((sum, pair) => sum + pair.slow.preemptions, 0);
  const expected = [slow.running.length, slow.waiting.length, slow.kvTokens(), preemptions];
  for (const { fast, slow: other } of sequences) {
    const { blocks = [], promptTokens } = fast;
    seen.push(
      fast.id,
      batch.generated(fast),
      fast.preemptions,
      fast.cachedTokens,
      batch.cachedPrefix(blocks, promptTokens),
    );
    expected.push(fast.id, other.generatedTokens, other.preemptions, other.cachedTokens);
    expected.push(slow.cachedPrefix(blocks, promptTokens));
  }
  expect(seen).toEqual(expected);
  expect(batch.kvTokens).toBeLessThanOrEqual(profile.kvCapacityTokens);
}

describe("the batch", () => {
  it("does what the slow one does, whatever comes, goes and shares", () => {
    fc.assert(
      fc.property(scenarios, ({ profile, moves: list, ...options }) => {
        const batch = createBatch(profile, options);
        const pair: Pair = { batch, slow: createSlowBatch(profile, options), sequences: [], isInStep: false };
        for (const next of list) {
          move(pair, next, profile);
          compare(pair, profile);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("gives everybody who stays each of his tokens, the first and the end once", () => {
    fc.assert(
      fc.property(scenarios, ({ profile, moves: list, ...options }) => {
        const batch = createBatch(profile, options);
        const stayed = new Map<number, Sequence>();
        const all: Sequence[] = [];
        const first: number[] = [];
        const finished: number[] = [];
        let isInStep = false;
        const beginOrEnd = (): void => {
          if (isInStep) {
            const outcome = batch.endStep();
            first.push(...ids(outcome.first));
            finished.push(...ids(outcome.finished));
            isInStep = false;
          } else isInStep = batch.beginStep() !== undefined;
        };
        for (const next of list) {
          if (next.kind === "add") {
            const sequence = batch.add(inputOf(all.length, next.arrival, profile.blockTokens));
            if (sequence === undefined) continue;
            all.push(sequence);
            stayed.set(sequence.id, sequence);
          } else if (next.kind === "remove") {
            const sequence = all[next.which];
            if (sequence === undefined || finished.includes(sequence.id)) continue;
            batch.remove(sequence);
            stayed.delete(sequence.id);
          } else beginOrEnd();
        }
        if (isInStep) beginOrEnd();
        for (let count = 0; count < maxMoves && batch.running + batch.waiting > 0; count++) beginOrEnd();
        expect(finished.toSorted((a, b) => a - b)).toEqual([...stayed.keys()]);
        expect(first.filter((id) => stayed.has(id)).toSorted((a, b) => a - b)).toEqual([...stayed.keys()]);
        for (const sequence of stayed.values()) expect(batch.generated(sequence)).toBe(sequence.outputTokens);
        expect(batch.kvTokens).toBe(0);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("leaves nobody waiting while a place, tokens of the step and memory are left", () => {
    fc.assert(
      fc.property(profiles, fc.array(arrivals, { minLength: 1, maxLength: 40, size: "max" }), (profile, list) => {
        const batch = createBatch({ ...profile, hasPrefixCache: false });
        const added = list.flatMap((arrival, id) => batch.add(inputOf(id, arrival, profile.blockTokens)) ?? []);
        const notes = added as unknown as readonly BatchSequence[];
        const blocks = (tokens: number): number => Math.ceil(tokens / profile.blockTokens);
        for (let before = 0; batch.steps < maxMoves && batch.beginStep() !== undefined; before = batch.preemptions) {
          const head = notes.find(({ state }) => state === "waiting");
          const reading = notes.filter(({ state }) => state === "reading");
          const decoding = notes.filter(({ state }) => state === "decoding");
          const tokens = reading.reduce((sum, { chunkTokens }) => sum + chunkTokens, decoding.length);
          const free =
            blocks(profile.kvCapacityTokens - profile.blockTokens + 1) - batch.kvTokens / profile.blockTokens;
          const couldServe =
            head !== undefined &&
            batch.running < profile.maxConcurrency &&
            tokens < Math.max(profile.maxTokensPerStep, profile.maxConcurrency) &&
            blocks(head.promptTokens + head.generatedTokens) <= free;
          // Who was pushed out in this step must not come back in it.
          expect(couldServe && batch.preemptions === before).toBe(false);
          batch.endStep();
        }
        expect(added.every((sequence) => batch.generated(sequence) === sequence.outputTokens)).toBe(true);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
