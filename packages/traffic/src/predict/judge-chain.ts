// What an answer says of those who foretold it, before it is counted: which levels to trust, and which clients are no longer what they were.
import { learnTrust, trustOf, type LevelTrust } from "./level-trust.ts";
import { RECENT, recentBetween, seenOf, shareBetween, type OutputNode } from "./output-node.ts";
import type { PredictorState } from "./predictor-state.ts";
import { BIN_COUNT } from "./token-bins.ts";
import { KEY_LEVEL } from "./trait-path.ts";

/** Bins that count as one length here, a factor of about 1.8: whether one of 8 % was hit exactly is chance. */
const GROUP_BINS = 8;
/** A node's answers are smoothed as if so many came to them as the levels above foretell, its last ones by as many of what is foretold. */
const SMOOTHING = 4;
/** No answer is held for less likely. */
const LEAST_CHANCE = 1e-9;

/** The bins that an answer may have fallen into, both included. */
export interface BinRange {
  readonly low: number;
  readonly high: number;
}

/** An answer that ended: the bins of about the same length. One that was cut off: all bins above. */
export function rangeOf(bin: number, isWhole: boolean): BinRange {
  if (!isWhole) return { low: Math.min(BIN_COUNT - 1, bin + 1), high: BIN_COUNT - 1 };
  const low = bin - (bin % GROUP_BINS);
  return { low, high: Math.min(BIN_COUNT - 1, low + GROUP_BINS - 1) };
}

/**
 * Lets the answer speak about the first `count` nodes of the chain: moves the trust in their levels, fills `fromAbove`, and adds to the
 * evidence that a node has changed.
 */
export function judgeChain(state: PredictorState, trust: LevelTrust, count: number, range: BinRange): void {
  const { chain, fromAbove, own, weights, prior } = state;
  let chance = 0;
  for (let bin = range.low; bin <= range.high; bin += 1) chance += prior[bin] as number;
  for (let index = 0; index < count; index += 1) {
    const node = chain[index] as OutputNode;
    const seen = seenOf(node);
    const share = seen === 0 ? 0 : shareBetween(node, range.low, range.high);
    const weight = trustOf(trust, node.from, seen);
    if (seen > 0) learnTrust(trust, node.from, { seen, own: share, above: chance });
    // As the node itself would foretell it, whatever its level is worth.
    own[index] = (seen * share + SMOOTHING * chance) / (seen + SMOOTHING);
    const above = (1 - weight) * chance;
    chance = Math.max(LEAST_CHANCE, weight * share + above);
    weights[index] = weight;
    fromAbove[index] = above / chance;
  }
  for (let index = 0; index < count; index += 1) noteDrift(state, index, count, range);
}

/**
 * The evidence of a change is a cumulated sum (E. S. Page, 1954) of how much better a node's last 32 answers foretell the present one than
 * all its answers do, or its children where they know better: a client that goes over to another of its routes has not changed. If nothing
 * has changed, it exceeds a limit of L nats once in e^L answers at most.
 */
function noteDrift({ chain, own, weights }: PredictorState, at: number, count: number, range: BinRange): void {
  const node = chain[at] as OutputNode;
  // What many clients have in common shifts with every one that comes or goes.
  if (node.to < KEY_LEVEL || node.row === undefined) return;
  let foretold = own[at] as number;
  for (let index = at + 1; index < count; index += 1) {
    const weight = weights[index] as number;
    foretold = weight * (own[index] as number) + (1 - weight) * foretold;
  }
  const lately = recentBetween(node, range.low, range.high);
  node.drift = Math.max(0, node.drift + Math.log((lately / foretold + SMOOTHING) / (RECENT + SMOOTHING)));
  node.driftCount = node.drift === 0 ? 0 : Math.min(RECENT, node.driftCount + 1);
}
