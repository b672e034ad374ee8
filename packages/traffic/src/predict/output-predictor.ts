// Foretells how many tokens an answer will have, from nothing but who asks for what: a client's own history tells more than a model that
// reads the prompt, and costs a microsecond. A hierarchy of decayed histograms, from all requests down to those with the same client, route,
// kind, system prompt and size, each mixed with its parent by as much as its level has been worth so far.
import { accuracyOf, type PredictionAccuracy } from "./accuracy-window.ts";
import { learnAnswer, type AnswerOutcome } from "./learn-answer.ts";
import { evenPoint } from "./level-trust.ts";
import { mixChain } from "./mix-chain.ts";
import { MixturePrediction } from "./mixture-prediction.ts";
import type { OutputPrediction } from "./output-prediction.ts";
import { createPredictorState, type PredictorState } from "./predictor-state.ts";
import { capOf, type RequestTraits } from "./request-traits.ts";
import { restoreState } from "./restore-state.ts";
import { saveState, type SavedPredictor } from "./save-state.ts";
import { TRAIT_LEVELS, writeTraitPath } from "./trait-path.ts";

/** About 14 MB when all are in use. */
const MAX_NODES = 8192;

/** What a predictor is made with. */
export interface OutputPredictorOptions {
  /** What `save` gave, of this or an earlier process. */
  readonly saved?: unknown;
  /** Bound of the memory, up to 1.7 kB each; the node that was used longest ago goes first. 8192 unless given. */
  readonly maxNodes?: number;
}

/** How much history makes a level count as much as all that are more general. Large: the trait says nothing here. */
export interface LevelReport {
  readonly level: (typeof TRAIT_LEVELS)[number];
  readonly evenAnswers: number;
}

/** What an operator wants to know of the predictions for one model. */
export interface ModelReport extends PredictionAccuracy {
  /** Answers learned from so far. */
  readonly answers: number;
  readonly levels: readonly LevelReport[];
}

/** Foretells the length of answers, and learns from each. Not shared between threads. */
export interface OutputPredictor {
  /** Changes nothing; about 1.5 µs. */
  predict(traits: RequestTraits): OutputPrediction;
  /** One answer is over, or was cut off; about 3 µs. */
  learn(traits: RequestTraits, outputTokens: number, outcome: AnswerOutcome): void;
  /** All that was learned, as plain JSON; a few milliseconds. */
  save(): SavedPredictor;
  /** How good the predictions were lately, model by model; about a millisecond each. */
  report(): readonly ModelReport[];
  readonly nodes: number;
  /** Where it began: with nothing, with what was saved, or with nothing because what was saved is damaged or of another format. */
  readonly origin: "new" | "restored" | "refused";
}

/**
 * A predictor of output lengths.
 *
 * ```ts
 * const predictor = createOutputPredictor();
 * const traits = { key: "k1", model: "chat", route: "", shape: "", promptHash: 0, inputTokens: 900, maxOutputTokens: 4096 };
 * for (let answer = 0; answer < 50; answer += 1) predictor.learn(traits, 400, "complete");
 * predictor.predict(traits).p50; // 400, within the width of a bin
 * ```
 */
export function createOutputPredictor(options: OutputPredictorOptions = {}): OutputPredictor {
  const { saved, maxNodes = MAX_NODES } = options;
  const restored = saved === undefined ? undefined : restoreState(saved, maxNodes);
  const state = restored ?? createPredictorState(maxNodes);
  return {
    predict: (traits) => predict(state, traits),
    learn: (traits, outputTokens, outcome) => learnAnswer(state, traits, outputTokens, outcome),
    save: () => saveState(state),
    report: () => report(state),
    get nodes() {
      return state.tree.size;
    },
    origin: saved === undefined ? "new" : restored === undefined ? "refused" : "restored",
  };
}

function predict(state: PredictorState, traits: RequestTraits): OutputPrediction {
  writeTraitPath(traits, state.path);
  const count = state.tree.find(state.path, state.chain);
  const trust = state.models.get(traits.model)?.trust ?? state.untrained;
  return new MixturePrediction(state.shares, mixChain(state, trust, count), capOf(traits));
}

function report({ models }: PredictorState): readonly ModelReport[] {
  return [...models].map(([model, { accuracy, answers, trust }]) => ({
    ...accuracyOf(model, accuracy),
    answers,
    levels: TRAIT_LEVELS.map((level, index) => ({ level, evenAnswers: evenPoint(trust, index) })),
  }));
}
