// What was learned, as JSON that survives a restart: numbers where a person may look, packed bytes where there are many.
import { encodeNodes } from "./node-codec.ts";
import type { ModelRecord, PredictorState } from "./predictor-state.ts";
import { BIN_COUNT } from "./token-bins.ts";
import { TRAIT_LEVELS } from "./trait-path.ts";

/** Names the format. Another scale, other levels or other signatures are another version. */
export const SAVED_FORMAT = "flyball/output-predictor/v1";

/** One model of a saved predictor. */
export interface SavedModel {
  readonly model: string;
  readonly answers: number;
  readonly usedAt: number;
  /** Evidence of the levels, as in `LevelTrust`. */
  readonly evidence: readonly number[];
  /** The window's lists, the oldest first. */
  readonly came: readonly number[];
  readonly p50: readonly number[];
  readonly p90: readonly number[];
}

/** A predictor as plain JSON. */
export interface SavedPredictor {
  readonly format: typeof SAVED_FORMAT;
  readonly bins: number;
  readonly levels: readonly string[];
  readonly answers: number;
  readonly drawn: number;
  readonly models: readonly SavedModel[];
  /** All nodes, the one that was used longest ago first; packed, base64. */
  readonly nodes: string;
}

/** Everything that the state knows. */
export function saveState(state: PredictorState): SavedPredictor {
  const bytes = encodeNodes(state.tree.nodes());
  return {
    format: SAVED_FORMAT,
    bins: BIN_COUNT,
    levels: TRAIT_LEVELS,
    answers: state.answers,
    drawn: state.drawn,
    models: [...state.models].map(([model, record]) => saveModel(model, record)),
    nodes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  };
}

function saveModel(model: string, { trust, accuracy, answers, usedAt }: ModelRecord): SavedModel {
  const { came, p50, p90, count, next } = accuracy;
  const inOrder = (ring: Float32Array): readonly number[] => {
    return Array.from(
      { length: count },
      (_, index) => ring[(next - count + index + ring.length) % ring.length] as number,
    );
  };
  return {
    model,
    answers,
    usedAt,
    evidence: [...trust.evidence],
    came: inOrder(came),
    p50: inOrder(p50),
    p90: inOrder(p90),
  };
}
