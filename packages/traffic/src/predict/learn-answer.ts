// Takes one answer in: first it is compared with what was foretold, then it is counted.
import { addOutcome } from "./accuracy-window.ts";
import { judgeChain, rangeOf } from "./judge-chain.ts";
import { mixChain } from "./mix-chain.ts";
import { MixturePrediction } from "./mixture-prediction.ts";
import { countAnswer, restart, type OutputNode } from "./output-node.ts";
import { recordOf, type PredictorState } from "./predictor-state.ts";
import { capOf, type RequestTraits } from "./request-traits.ts";
import { binOf } from "./token-bins.ts";
import { KEY_LEVEL, writeTraitPath } from "./trait-path.ts";

/** Evidence (nats) at which a client has changed: by chance once in 20,000 answers of a node at most. */
const DRIFT_LIMIT = 10;
/** What a node keeps when its parent has begun again: its past is worth little, but not nothing, for a sibling may have changed. */
const STALE_ANSWERS = 2;
/** Step of the most even sequence on 0–1. */
const GOLDEN_SECTION = 0.618_033_988_749_894_9;

/** `complete`: the model ended it. `truncated`: it was cut off, by a bound or because the client left, and would have been longer. */
export type AnswerOutcome = "complete" | "truncated";

/** Learns from one answer. A number of tokens that is none is passed over. */
export function learnAnswer(
  state: PredictorState,
  traits: RequestTraits,
  outputTokens: number,
  outcome: AnswerOutcome,
): void {
  if (!(outputTokens >= 0 && outputTokens < Number.POSITIVE_INFINITY)) return;
  const record = recordOf(state, traits.model);
  state.answers += 1;
  record.answers += 1;
  record.usedAt = state.answers;
  writeTraitPath(traits, state.path);
  const known = state.tree.find(state.path, state.chain);
  mixChain(state, record.trust, known);
  const cap = capOf(traits);
  const isWhole = outcome === "complete";
  if (isWhole || outputTokens >= cap) {
    const { p50, p90 } = new MixturePrediction(state.shares, 0, cap);
    addOutcome(record.accuracy, Math.min(cap, outputTokens), p50, p90);
  }
  const bin = isWhole ? binOf(outputTokens) : binOf(fillIn(state, outputTokens));
  judgeChain(state, record.trust, known, rangeOf(binOf(outputTokens), isWhole));
  count(state, bin, known);
}

/**
 * The length of an answer that was cut off: drawn from what is believed of those that are longer. So the distribution stays right where
 * bounds are common; counted as they came they would pull it down, left out as well.
 */
function fillIn(state: PredictorState, tokens: number): number {
  state.drawn = (state.drawn + GOLDEN_SECTION) % 1;
  const whole = new MixturePrediction(state.shares, 0, Number.POSITIVE_INFINITY);
  return whole.quantileAfter(state.drawn, tokens);
}

function count(state: PredictorState, bin: number, known: number): void {
  const { chain, fromAbove } = state;
  const length = state.tree.grow(state.path, chain);
  for (let index = 0; index < length; index += 1) {
    const node = chain[index] as OutputNode;
    const parent = chain[index - 1];
    if (parent === undefined || parent.epoch === node.parentEpoch) continue;
    restart(node, STALE_ANSWERS);
    node.parentEpoch = parent.epoch;
  }
  let part = 1;
  for (let index = length - 1; index >= 0; index -= 1) {
    const node = chain[index] as OutputNode;
    if (isDue(node, part)) countAnswer(node, bin);
    if (node.drift > DRIFT_LIMIT) restart(node, node.driftCount);
    if (index < known) part *= fromAbove[index] as number;
  }
}

/**
 * What many clients share counts an answer only as far as the client's own history does not explain it. So it tells of clients and not of
 * requests, and a new one is not believed to be like the one that sends most (the Chinese restaurant of a hierarchical Dirichlet process).
 */
function isDue(node: OutputNode, part: number): boolean {
  if (node.to >= KEY_LEVEL) return true;
  node.credit += part;
  if (node.credit < 1) return false;
  node.credit -= 1;
  return true;
}
