// Reads what an earlier process saved. It is all or nothing: a predictor that begins with nothing is right within minutes, one that begins
// with half a file may be wrong for days.
import { ACCURACY_WINDOW, addOutcome, createAccuracyWindow } from "./accuracy-window.ts";
import { createLevelTrust, setEvidence } from "./level-trust.ts";
import { decodeNodes } from "./node-codec.ts";
import { createPredictorState, MAX_MODELS, type ModelRecord, type PredictorState } from "./predictor-state.ts";
import { SAVED_FORMAT, type SavedModel, type SavedPredictor } from "./save-state.ts";
import { BIN_COUNT } from "./token-bins.ts";
import { LEVEL_COUNT, TRAIT_LEVELS } from "./trait-path.ts";

/** The state that was saved; undefined when this is no saved predictor, is damaged, or is of another version. */
export function restoreState(saved: unknown, maxNodes: number): PredictorState | undefined {
  if (!isSavedPredictor(saved)) return undefined;
  const nodes = decodeNodes(Buffer.from(saved.nodes, "base64"));
  if (nodes === undefined) return undefined;
  const state = createPredictorState(maxNodes);
  for (const model of saved.models) {
    const record = restoreModel(model);
    if (record === undefined) return undefined;
    state.models.set(model.model, record);
  }
  // The nodes used last are put in last: with a smaller bound than before, the others are left out.
  for (const node of nodes.slice(-state.tree.maxNodes)) state.tree.put(node);
  state.answers = saved.answers;
  state.drawn = saved.drawn;
  return state;
}

function restoreModel({ answers, usedAt, evidence, came, p50, p90 }: SavedModel): ModelRecord | undefined {
  const record: ModelRecord = {
    trust: createLevelTrust(LEVEL_COUNT),
    accuracy: createAccuracyWindow(),
    answers,
    usedAt,
  };
  if (!setEvidence(record.trust, evidence)) return undefined;
  for (let index = 0; index < came.length; index += 1) {
    addOutcome(record.accuracy, came[index] as number, p50[index] as number, p90[index] as number);
  }
  return record;
}

function isSavedPredictor(saved: unknown): saved is SavedPredictor {
  if (!isObject(saved)) return false;
  const { format, bins, levels, answers, drawn, models, nodes } = saved;
  return (
    format === SAVED_FORMAT &&
    bins === BIN_COUNT &&
    Array.isArray(levels) &&
    levels.join() === TRAIT_LEVELS.join() &&
    isCount(answers) &&
    isCount(drawn) &&
    drawn < 1 &&
    typeof nodes === "string" &&
    Array.isArray(models) &&
    models.length <= MAX_MODELS &&
    models.every(isSavedModel)
  );
}

function isSavedModel(saved: unknown): saved is SavedModel {
  if (!isObject(saved)) return false;
  const { model, answers, usedAt, evidence, came, p50, p90 } = saved;
  return (
    typeof model === "string" &&
    isCount(answers) &&
    isCount(usedAt) &&
    isNumberList(evidence) &&
    [came, p50, p90].every((list) => isNumberList(list) && list.length <= ACCURACY_WINDOW && list.every(isCount)) &&
    new Set([came, p50, p90].map((list) => (list as readonly number[]).length)).size === 1
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isNumberList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((number) => Number.isFinite(number));
}
