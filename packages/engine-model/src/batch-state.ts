// What a batch remembers between its steps, and how a sequence leaves its place. Planning a step and ending it work on this.

import { createBlockPool } from "./block-pool.ts";
import type { BlockPool } from "./block-pool.ts";
import { createDecodeSet } from "./decode-set.ts";
import type { DecodeSet } from "./decode-set.ts";
import type { EngineProfile } from "./engine-profile.ts";
import { createIndexedHeap } from "./indexed-heap.ts";
import type { IndexedHeap } from "./indexed-heap.ts";
import { createRunningOrder } from "./running-order.ts";
import type { RunningOrder } from "./running-order.ts";
import type { BatchSequence } from "./sequence.ts";

/** The state of one batch. */
export interface BatchState {
  readonly profile: EngineProfile;
  readonly byPriority: boolean;
  readonly pool: BlockPool;
  /** Those without a place, in the order in which they will get one. */
  readonly waiting: IndexedHeap<BatchSequence>;
  /** Those with a place; they read or decode. */
  readonly running: RunningOrder;
  readonly decodes: DecodeSet;
  /** Those that read in the step under way. */
  readonly readers: BatchSequence[];
  /** The one whose prompt is half read. A chunk takes all that is left of a step, so there is never a second one. */
  halfRead: BatchSequence | undefined;
  isInStep: boolean;
  /** The head of the queue did not fit, and nothing has happened since that could help it. */
  isHeadBlocked: boolean;
  preemptions: number;
  cacheQueries: number;
  cacheHits: number;
}

/** The state of an idle engine. */
export function createBatchState(profile: EngineProfile, byPriority: boolean): BatchState {
  return {
    profile,
    byPriority,
    pool: createBlockPool(Math.floor(profile.kvCapacityTokens / profile.blockTokens)),
    waiting: createIndexedHeap(isBefore),
    running: createRunningOrder(),
    decodes: createDecodeSet(profile.blockTokens),
    readers: [],
    halfRead: undefined,
    isInStep: false,
    isHeadBlocked: false,
    preemptions: 0,
    cacheQueries: 0,
    cacheHits: 0,
  };
}

function isBefore(a: BatchSequence, b: BatchSequence): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.order < b.order);
}

/** Blocks in which so many tokens of one sequence fit. */
export function blocksFor(state: BatchState, tokens: number): number {
  return Math.ceil(tokens / state.profile.blockTokens);
}

/** Takes a running sequence off its place and frees its memory at once; what it generated stays noted. */
export function leavePlace(state: BatchState, sequence: BatchSequence, to: "waiting" | "gone"): void {
  let { readTokens } = sequence;
  if (sequence.state === "decoding") {
    state.decodes.leave(sequence);
    // Its last token gets keys and values only in the step that follows it.
    readTokens = sequence.promptTokens + sequence.generatedTokens - (state.isInStep ? 0 : 1);
  } else if (sequence === state.halfRead) {
    state.halfRead = undefined;
  }
  state.pool.give(blocksFor(state, readTokens) - sequence.held.length);
  state.pool.release(sequence.held);
  state.running.remove(sequence);
  sequence.state = to;
  sequence.readTokens = 0;
  state.isHeadBlocked = false;
}

/** Pushes out the last one, or the one of the lowest priority: it will read prompt and answer again. */
export function preemptOne(state: BatchState): void {
  const sequence = (state.byPriority ? state.running.leastUrgent() : state.running.last()) as BatchSequence;
  leavePlace(state, sequence, "waiting");
  sequence.preemptions += 1;
  state.preemptions += 1;
  state.waiting.add(sequence);
}
