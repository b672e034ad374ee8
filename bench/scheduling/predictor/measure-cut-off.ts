// Where clients set `max_tokens`, many answers are cut off, and their real length is never seen. Half of a trace's requests get a bound; the
// other half is judged. Three ways to learn from what was cut off are compared.
import { seededRandom } from "@flyball/fakes";
import { createOutputPredictor } from "@flyball/traffic";
import { traitsOf } from "./forecaster.ts";
import type { AnswerTrace } from "./read-answers.ts";

/** What was made of answers that were cut off, and how the requests without a bound were foretold then. */
export interface CutOffResult {
  readonly way: string;
  readonly withinP50: number;
  readonly withinP90: number;
}

/** Measures all three ways with one bound. */
export function measureCutOff({ answers, firstJudged }: AnswerTrace, bound: number): readonly CutOffResult[] {
  const ways = ["as censored (ours)", "as if they had ended", "left out"] as const;
  return ways.map((way) => {
    const random = seededRandom(1);
    const predictor = createOutputPredictor();
    let judged = 0;
    let withinP50 = 0;
    let withinP90 = 0;
    answers.forEach((answer, index) => {
      const isBound = random() < 0.5;
      const traits = { ...traitsOf(answer), maxOutputTokens: isBound ? bound : undefined };
      if (!isBound && index >= firstJudged) {
        const { p50, p90 } = predictor.predict(traits);
        judged += 1;
        if (answer.outputTokens <= p50) withinP50 += 1;
        if (answer.outputTokens <= p90) withinP90 += 1;
      }
      const isCut = isBound && answer.outputTokens > bound;
      if (isCut && way === "left out") return;
      const tokens = isCut ? bound : answer.outputTokens;
      predictor.learn(traits, tokens, isCut && way === "as censored (ours)" ? "truncated" : "complete");
    });
    return { way, withinP50: withinP50 / judged, withinP90: withinP90 / judged };
  });
}
