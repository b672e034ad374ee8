// Which work the next step does, in vLLM V1's order: decoding sequences first, one token each, because a started answer must not
// stall; then the prompt that is half read; then newcomers, while a place, tokens of the step and memory are left.
// A newcomer is admitted only if all that it has to read would fit, as vLLM does by default; where somebody had to be pushed
// out, nobody is admitted in the same step.

import { blocksFor, preemptOne } from "./batch-state.ts";
import type { BatchState } from "./batch-state.ts";
import type { BatchSequence } from "./sequence.ts";
import type { StepWork } from "./step-time.ts";

/** Plans a step and takes the memory for it. There is at least one sequence, running or waiting, and one of them moves on. */
export function planStep(state: BatchState): StepWork {
  const { decodes, readers, profile } = state;
  const preemptionsBefore = state.preemptions;
  if (readers.length > 0) readers.length = 0;
  takeDecodeBlocks(state);
  state.isInStep = true;
  // Every decode has its token whatever the profile says of a step's tokens.
  const budget = Math.max(profile.maxTokensPerStep, profile.maxConcurrency) - decodes.size;
  const left = state.halfRead === undefined ? budget : readOn(state, state.halfRead, budget);
  if (state.preemptions === preemptionsBefore) admitWaiting(state, left);
  let prefillTokens = 0;
  let attentionPairs = 0;
  for (const { chunkTokens, readTokens } of readers) {
    prefillTokens += chunkTokens;
    attentionPairs += chunkTokens * (readTokens - chunkTokens / 2);
  }
  return { prefillTokens, decodeSequences: decodes.size, contextTokens: decodes.contextTokens, attentionPairs };
}

function takeDecodeBlocks(state: BatchState): void {
  const { decodes, pool } = state;
  while (decodes.dueBlocks > pool.free) preemptOne(state);
  pool.take(decodes.dueBlocks);
}

/** Goes on with the prompt that is half read; where memory is short, others or itself are pushed out. Gives the tokens left. */
function readOn(state: BatchState, sequence: BatchSequence, budget: number): number {
  const { pool } = state;
  const chunkTokens = Math.min(tokensToRead(sequence) - sequence.readTokens, budget);
  const blocks = blocksFor(state, sequence.readTokens + chunkTokens) - blocksFor(state, sequence.readTokens);
  while (state.halfRead === sequence && blocks > pool.free) preemptOne(state);
  if (state.halfRead !== sequence) return budget;
  readChunk(state, sequence, chunkTokens);
  return budget - chunkTokens;
}

function admitWaiting(state: BatchState, budget: number): void {
  const { running, waiting, profile } = state;
  let left = budget;
  while (left > 0 && running.size < profile.maxConcurrency && !state.isHeadBlocked) {
    const head = waiting.first();
    if (head === undefined) return;
    const matched = matchPrefix(state, head);
    if (matched === undefined) {
      state.isHeadBlocked = true;
      return;
    }
    waiting.remove(head);
    takePlace(state, head, matched);
    const chunkTokens = Math.min(tokensToRead(head) - head.readTokens, left);
    readChunk(state, head, chunkTokens);
    left -= chunkTokens;
  }
}

/** Blocks of its prompt that are there. Undefined: what it has to read does not fit now. */
function matchPrefix(state: BatchState, sequence: BatchSequence): number | undefined {
  const { pool, profile } = state;
  const tokens = tokensToRead(sequence);
  // At least one token is computed, or there would be nothing to sample from.
  const limit = profile.hasPrefixCache ? Math.floor((tokens - 1) / profile.blockTokens) : 0;
  const { matched, unused } = pool.match(sequence.blocks, limit);
  return blocksFor(state, tokens) - matched + unused > pool.free ? undefined : matched;
}

function takePlace(state: BatchState, sequence: BatchSequence, matchedBlocks: number): void {
  state.running.add(sequence);
  state.pool.hold(sequence.blocks, matchedBlocks, sequence.held);
  sequence.state = "reading";
  sequence.cachedTokens = matchedBlocks * state.profile.blockTokens;
  sequence.readTokens = sequence.cachedTokens;
  if (sequence.preemptions > 0 || !state.profile.hasPrefixCache) return;
  state.cacheQueries += sequence.promptTokens;
  state.cacheHits += sequence.cachedTokens;
}

function readChunk(state: BatchState, sequence: BatchSequence, chunkTokens: number): void {
  const { pool, profile } = state;
  const end = sequence.readTokens + chunkTokens;
  pool.take(blocksFor(state, end) - blocksFor(state, sequence.readTokens));
  sequence.readTokens = end;
  sequence.chunkTokens = chunkTokens;
  if (profile.hasPrefixCache) pool.publish(sequence.blocks, Math.floor(end / profile.blockTokens), sequence.held);
  state.readers.push(sequence);
  state.isHeadBlocked = false;
}

function tokensToRead(sequence: BatchSequence): number {
  return sequence.promptTokens + sequence.generatedTokens;
}
