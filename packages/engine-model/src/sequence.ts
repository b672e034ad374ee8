// One request inside the batch: what its sender says of it, what everybody may read, and what only the batch knows.

import type { KnownBlock } from "./free-blocks.ts";

/** A request as it comes to the engine. Token counts are whole and at least 1. */
export interface SequenceInput {
  readonly id: number;
  readonly promptTokens: number;
  /** Tokens that it will generate; the engine cannot know them and only ends there. */
  readonly outputTokens: number;
  /** Lower first, as in vLLM; 0 where nothing is said. Used only when the batch's policy is `priority`. */
  readonly priority?: number;
  /** Ids of the prompt's full blocks in order, each id naming the whole prefix up to it. */
  readonly blocks?: readonly number[];
}

/** The handle of a request in a batch. The batch owns its fields. */
export interface Sequence extends SequenceInput {
  /** Prompt tokens that it did not have to read because their blocks were kept, at its last admission. */
  readonly cachedTokens: number;
  /** Times that it was pushed out and had to read everything again. */
  readonly preemptions: number;
}

/** What only the batch sees of a sequence. */
export interface BatchSequence extends Sequence {
  readonly priority: number;
  readonly blocks: readonly number[];
  /** Rank of its arrival: among equals the earlier goes first and is pushed out last. */
  readonly order: number;
  /** Rank of its last admission; only the running order writes it. */
  place: number;
  cachedTokens: number;
  preemptions: number;
  state: "waiting" | "reading" | "decoding" | "gone";
  /** Tokens that have keys and values, while it reads. */
  readTokens: number;
  /** Tokens that it reads in the step under way. */
  chunkTokens: number;
  /** Tokens generated, while it does not decode. */
  generatedTokens: number;
  /** While it decodes: the count of steps at which it had generated nothing, so that generated = steps − startStep. */
  startStep: number;
  /** While it decodes: the count of steps at which it ends. */
  lastStep: number;
  /** Blocks that it shares or may share with others, the leading ones of its prompt. */
  held: KnownBlock[];
  /** Where it stands in the heap that it is in, −1 in none. */
  heapIndex: number;
  /** Its neighbours in the order of admission, while it runs. */
  previous: BatchSequence | undefined;
  next: BatchSequence | undefined;
}

/** The sequence of a request that arrives as the `order`th. Without `byPriority` all are equal. */
export function createSequence(input: SequenceInput, order: number, byPriority: boolean): BatchSequence {
  return {
    id: input.id,
    promptTokens: input.promptTokens,
    outputTokens: input.outputTokens,
    priority: byPriority ? (input.priority ?? 0) : 0,
    blocks: input.blocks ?? [],
    order,
    place: 0,
    cachedTokens: 0,
    preemptions: 0,
    state: "waiting",
    readTokens: 0,
    chunkTokens: 0,
    generatedTokens: 0,
    startStep: 0,
    lastStep: 0,
    held: [],
    heapIndex: -1,
    previous: undefined,
    next: undefined,
  };
}
