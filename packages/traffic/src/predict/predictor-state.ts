// Everything that a predictor has learned, and the scratch space in which it works without allocating.
import { createAccuracyWindow, type AccuracyWindow } from "./accuracy-window.ts";
import { createLevelTrust, type LevelTrust } from "./level-trust.ts";
import { createNodeTree, type NodeTree } from "./node-tree.ts";
import type { OutputNode } from "./output-node.ts";
import { createPriorShares } from "./prior-shares.ts";
import { LEVEL_COUNT } from "./trait-path.ts";

/** Models whose figures are kept; the one that was used longest ago goes first. An app names a few. */
export const MAX_MODELS = 64;

/** What is kept for each model besides the nodes. */
export interface ModelRecord {
  /** How far each level is trusted: what tells answers apart is another thing for every app. */
  readonly trust: LevelTrust;
  readonly accuracy: AccuracyWindow;
  /** Answers so far; and the number of the last one among those of all models. */
  answers: number;
  usedAt: number;
}

/** State of one predictor. */
export interface PredictorState {
  readonly maxNodes: number;
  readonly tree: NodeTree;
  readonly models: Map<string, ModelRecord>;
  /** Answers so far, of all models. */
  answers: number;
  /** Where the sequence stands that fills in what was cut off; 0–1. */
  drawn: number;
  /** The distribution before anything was seen. */
  readonly prior: readonly number[];
  readonly untrained: LevelTrust;
  /** Scratch: the present request's path, its nodes and their mix. */
  readonly path: Float64Array;
  readonly chain: OutputNode[];
  readonly shares: number[];
  /** And for each of the nodes: the chance that it gave to the answer itself, its weight, and how much of the answer those above explain. */
  readonly own: Float64Array;
  readonly weights: Float64Array;
  readonly fromAbove: Float64Array;
}

/** A state that has learned nothing. */
export function createPredictorState(maxNodes: number): PredictorState {
  const prior = createPriorShares();
  return {
    maxNodes,
    tree: createNodeTree(maxNodes),
    models: new Map(),
    answers: 0,
    drawn: 0,
    prior,
    untrained: createLevelTrust(LEVEL_COUNT),
    path: new Float64Array(LEVEL_COUNT),
    chain: [],
    fromAbove: new Float64Array(LEVEL_COUNT),
    own: new Float64Array(LEVEL_COUNT),
    weights: new Float64Array(LEVEL_COUNT),
    shares: prior.slice(),
  };
}

/** The record of a model, made when there is none. */
export function recordOf(state: PredictorState, model: string): ModelRecord {
  let record = state.models.get(model);
  if (record === undefined) {
    if (state.models.size >= MAX_MODELS) dropOldest(state.models);
    record = { trust: createLevelTrust(LEVEL_COUNT), accuracy: createAccuracyWindow(), answers: 0, usedAt: 0 };
    state.models.set(model, record);
  }
  return record;
}

function dropOldest(models: Map<string, ModelRecord>): void {
  let oldest: string | undefined;
  let usedAt = Number.POSITIVE_INFINITY;
  for (const [name, record] of models) {
    if (record.usedAt >= usedAt) continue;
    oldest = name;
    usedAt = record.usedAt;
  }
  if (oldest !== undefined) models.delete(oldest);
}
