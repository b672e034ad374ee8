// The sequences that decode, so kept that a step costs the same for any number of them. All gain a token in every step, so a count
// of steps tells how far each is; a heap knows who ends next; and since a sequence needs a new block every `blockTokens`
// steps, counting the sequences by that phase tells how many blocks a step takes.

import { createIndexedHeap } from "./indexed-heap.ts";
import type { BatchSequence } from "./sequence.ts";

/** Decoding sequences and the count of steps. Bounded by the engine's places. */
export interface DecodeSet {
  readonly size: number;
  /** Steps so far. */
  readonly steps: number;
  /** Tokens to which all of them attend in the next step. */
  readonly contextTokens: number;
  /** Blocks that all of them need for the next step. */
  readonly dueBlocks: number;
  /** Takes in a sequence that has read everything and has `generatedTokens`. */
  start(sequence: BatchSequence): void;
  /** Takes one out; `generatedTokens` is then true again. */
  leave(sequence: BatchSequence): void;
  /** Tokens that one of them has generated. */
  generated(sequence: BatchSequence): number;
  /** A step is over: each has a token more. */
  advance(): void;
  /** One that has all its tokens; who got its place first comes first. */
  complete(): BatchSequence | undefined;
}

/** Creates an empty set after 0 steps. */
export function createDecodeSet(blockTokens: number): DecodeSet {
  const ends = createIndexedHeap<BatchSequence>(
    (a, b) => a.lastStep < b.lastStep || (a.lastStep === b.lastStep && a.place < b.place),
  );
  /** Sequences by the step, modulo `blockTokens`, at whose beginning all their blocks are full. */
  const phases = new Int32Array(blockTokens);
  let steps = 0;
  let contextTokens = 0;

  const phaseOf = (sequence: BatchSequence): number => {
    const phase = (sequence.startStep + 1 - sequence.promptTokens) % blockTokens;
    return phase < 0 ? phase + blockTokens : phase;
  };
  const count = (sequence: BatchSequence, difference: 1 | -1): void => {
    const phase = phaseOf(sequence);
    phases[phase] = (phases[phase] as number) + difference;
    contextTokens += difference * (sequence.promptTokens + sequence.generatedTokens);
  };
  return {
    get size() {
      return ends.size;
    },
    get steps() {
      return steps;
    },
    get contextTokens() {
      return contextTokens;
    },
    get dueBlocks() {
      return phases[steps % blockTokens] as number;
    },
    start(sequence) {
      sequence.startStep = steps - sequence.generatedTokens;
      sequence.lastStep = sequence.startStep + sequence.outputTokens;
      count(sequence, 1);
      ends.add(sequence);
    },
    leave(sequence) {
      sequence.generatedTokens = steps - sequence.startStep;
      count(sequence, -1);
      ends.remove(sequence);
    },
    generated: (sequence) => steps - sequence.startStep,
    advance() {
      steps += 1;
      contextTokens += ends.size;
    },
    complete() {
      const next = ends.first();
      return next !== undefined && next.lastStep <= steps ? next : undefined;
    },
  };
}
