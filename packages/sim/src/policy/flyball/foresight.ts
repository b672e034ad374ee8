// How long answers will be, as Flyball's own predictor says it; or, for an oracle, as it is. An ablation puts something simpler in its place.
import { createOutputPredictor, type OutputPrediction } from "@flyball/traffic";
import type { SimRequest } from "../../trace/trace-request.ts";
import type { Truth, World } from "../policy.ts";

/** A source of predictions. */
export interface Foresight {
  predict(request: SimRequest): OutputPrediction;
  learn(request: SimRequest, outputTokens: number): void;
}

/** Makes one that has learned from the world's history. */
export type CreateForesight = (world: World, truth: Truth) => Foresight;

/** Flyball's predictor. `isBlind` hides who asks, as if every request came without a key. */
export function createPredictorForesight(isBlind = false): CreateForesight {
  return ({ history }) => {
    const predictor = createOutputPredictor();
    const traitsOf = ({ client, model, route, inputTokens, maxOutputTokens }: SimRequest) => ({
      key: isBlind ? "" : client,
      model,
      route,
      shape: "",
      promptHash: 0,
      inputTokens,
      maxOutputTokens,
    });
    for (const request of history) predictor.learn(traitsOf(request), request.outputTokens, "complete");
    return {
      predict: (request) => predictor.predict(traitsOf(request)),
      learn: (request, outputTokens) => predictor.learn(traitsOf(request), outputTokens, "complete"),
    };
  };
}

/** Knows the length of every answer. Only for oracles. */
export const createTrueForesight: CreateForesight = (_world, truth) => ({
  learn: () => {},
  predict({ id }) {
    const tokens = truth(id);
    return {
      p50: tokens,
      p90: tokens,
      mean: tokens,
      seen: 1,
      remainingAfter: (delivered) => Math.max(0, tokens - delivered),
      quantileAfter: (_share, delivered) => Math.max(tokens, delivered),
    };
  },
});
