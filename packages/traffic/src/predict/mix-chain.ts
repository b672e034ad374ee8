// Makes one distribution of the nodes on a request's path: each as much as it is trusted, its parents the rest, and what was believed
// before anything was seen the last of it, so that no length is ever impossible.
import { trustOf, type LevelTrust } from "./level-trust.ts";
import { addTo, seenOf, type OutputNode } from "./output-node.ts";
import type { PredictorState } from "./predictor-state.ts";
import { BIN_COUNT } from "./token-bins.ts";

/** Levels that would change the mix by less are left out. */
const LEAST_PART = 1e-4;

/** Writes the mix of the first `count` nodes of the chain to `shares`; gives the answers behind the finest level used. */
export function mixChain({ chain, shares, prior }: PredictorState, trust: LevelTrust, count: number): number {
  for (let bin = 0; bin < BIN_COUNT; bin += 1) shares[bin] = 0;
  let left = 1;
  let finest = 0;
  for (let index = count - 1; index >= 0 && left > LEAST_PART; index -= 1) {
    const node = chain[index] as OutputNode;
    const answers = seenOf(node);
    if (answers === 0) continue;
    if (finest === 0) finest = answers;
    const weight = trustOf(trust, node.from, answers);
    addTo(shares, node, left * weight);
    left *= 1 - weight;
  }
  for (let bin = 0; bin < BIN_COUNT; bin += 1) shares[bin] = (shares[bin] as number) + left * (prior[bin] as number);
  return finest;
}
