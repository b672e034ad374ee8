// The ways of foretelling an answer that are compared. Each sees a request when it arrives, and an answer only when it is over.
import { createOutputPredictor, type RequestTraits } from "@flyball/traffic";
import type { TracedAnswer } from "./read-answers.ts";

/** What is said of one answer. `p50` and `p90` are NaN for a forecaster that has no distribution. */
export interface Forecast {
  /** By this requests would be ordered. */
  readonly key: number;
  readonly p50: number;
  readonly p90: number;
}

/** A way of foretelling. */
export interface Forecaster {
  readonly name: string;
  forecast(request: TracedAnswer): Forecast;
  learn(answer: TracedAnswer): void;
}

/** All of them, fresh. */
export function createForecasters(): readonly Forecaster[] {
  return [
    meanForecaster("mean of all so far", () => ""),
    meanForecaster("client's mean so far", ({ client }) => client),
    {
      name: "client's mean of the 6 h before",
      forecast: ({ earlierMean }) => ({ key: earlierMean, p50: Number.NaN, p90: Number.NaN }),
      learn: () => undefined,
    },
    hierarchy("hierarchy, by p50", (prediction) => prediction.p50, traitsOf),
    hierarchy("hierarchy, by mean", (prediction) => prediction.mean, traitsOf),
    hierarchy(
      "… without the prompt's size",
      (prediction) => prediction.p50,
      (request) => ({ ...traitsOf(request), inputTokens: 0 }),
    ),
    hierarchy(
      "… without the client",
      (prediction) => prediction.p50,
      (request) => ({ ...traitsOf(request), key: "" }),
    ),
  ];
}

/** The traits of a traced request: traces know no routes and no system prompts. */
export function traitsOf({ client, inputTokens }: TracedAnswer): RequestTraits {
  return { key: client, model: "m", route: "", shape: "", promptHash: 0, inputTokens, maxOutputTokens: undefined };
}

function hierarchy(
  name: string,
  keyOf: (prediction: { readonly p50: number; readonly mean: number }) => number,
  traits: (request: TracedAnswer) => RequestTraits,
): Forecaster {
  const predictor = createOutputPredictor();
  return {
    name,
    forecast(request) {
      const prediction = predictor.predict(traits(request));
      return { key: keyOf(prediction), p50: prediction.p50, p90: prediction.p90 };
    },
    learn: (answer) => predictor.learn(traits(answer), answer.outputTokens, "complete"),
  };
}

function meanForecaster(name: string, groupOf: (request: TracedAnswer) => string): Forecaster {
  const groups = new Map<string, { sum: number; count: number }>();
  const all = { sum: 0, count: 0 };
  return {
    name,
    forecast(request) {
      const { sum, count } = groups.get(groupOf(request)) ?? all;
      return { key: count === 0 ? 0 : sum / count, p50: Number.NaN, p90: Number.NaN };
    },
    learn(answer) {
      const group = groups.get(groupOf(answer)) ?? { sum: 0, count: 0 };
      groups.set(groupOf(answer), group);
      for (const mean of [group, all]) {
        mean.sum += answer.outputTokens;
        mean.count += 1;
      }
    },
  };
}
