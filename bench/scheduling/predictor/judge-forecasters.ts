// Runs the forecasters over a trace in the order of time. An answer is known when it is over, and long ones are over late: that is part of
// the task, for at first only short answers are known.
import { kendallTau } from "@flyball/traffic";
import { createForecasters, type Forecast, type Forecaster } from "./forecaster.ts";
import type { AnswerTrace, TracedAnswer } from "./read-answers.ts";

/** Time of an answer in the replay: so long to the first token, and for each token, in seconds. */
const FIRST_TOKEN_S = 0.5;
const TOKEN_S = 0.04;

/** How good one forecaster was on one trace; NaN where it says nothing of the kind. */
export interface ForecasterScore {
  readonly name: string;
  readonly tau: number;
  /** Mean of |ln(answer ÷ forecast)| of what it orders by. */
  readonly logError: number;
  readonly withinP50: number;
  readonly withinP90: number;
}

/** Judges all forecasters on one trace. */
export function judgeForecasters({ answers, firstJudged }: AnswerTrace): readonly ForecasterScore[] {
  const forecasters = createForecasters();
  const forecasts = forecasters.map((): Forecast[] => []);
  const judged: TracedAnswer[] = [];
  // Every answer twice: its request when it arrives, and itself when it is over.
  const events = answers
    .flatMap((answer, index) => [
      { at: answer.at, index, isOver: false },
      { at: answer.at + FIRST_TOKEN_S + TOKEN_S * answer.outputTokens, index, isOver: true },
    ])
    .toSorted((a, b) => a.at - b.at);
  for (const { index, isOver } of events) {
    const answer = answers[index] as TracedAnswer;
    if (isOver) for (const forecaster of forecasters) forecaster.learn(answer);
    else if (index >= firstJudged) {
      judged.push(answer);
      forecasters.forEach((forecaster, place) => forecasts[place]?.push(forecaster.forecast(answer)));
    }
  }
  return forecasters.map((forecaster, place) => scoreOf(forecaster, forecasts[place] ?? [], judged));
}

function scoreOf(
  { name }: Forecaster,
  forecasts: readonly Forecast[],
  judged: readonly TracedAnswer[],
): ForecasterScore {
  const known = judged.map((_, index) => index).filter((index) => !Number.isNaN(forecasts[index]?.key));
  const keys = known.map((index) => forecasts[index]?.key ?? 0);
  const came = known.map((index) => judged[index]?.outputTokens ?? 0);
  const share = (quantile: "p50" | "p90"): number => {
    if (Number.isNaN(forecasts[0]?.[quantile])) return Number.NaN;
    return mean(known.map((index, place) => ((came[place] ?? 0) <= (forecasts[index]?.[quantile] ?? 0) ? 1 : 0)));
  };
  return {
    name,
    tau: known.length === 0 ? Number.NaN : kendallTau(keys, came),
    logError: mean(keys.map((key, place) => Math.abs(Math.log((came[place] ?? 1) / Math.max(1, key))))),
    withinP50: share("p50"),
    withinP90: share("p90"),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
