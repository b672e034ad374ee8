// What a model call will probably cost. The forecast of its answer's length stands in its exchange, where one was made; without it a constant
// does, so that whoever asks for little comes before whoever asks for much.
import { workOf, type RemainingEstimate, type ScheduledRequest, type WorkRates } from "@flyball/traffic";
import type { ModelCall } from "../calls/model-call.ts";
import type { Forecast } from "../learn/forecast.ts";

/** What is expected of a call. */
export interface WorkEstimate {
  readonly inputTokens: number;
  /** The middle of what is likely. */
  readonly outputTokens: number;
  /** What memory is reserved for: the mean. */
  readonly outputTokensHigh: number;
  /** On the reference endpoint, ms. */
  readonly workMs: number;
}

/** Estimates work, before a call and while its answer comes. */
export interface WorkEstimator {
  estimateWork(call: ModelCall, rates: WorkRates): WorkEstimate;
  /** `request` is one that was made of the estimate. */
  reestimate(request: ScheduledRequest, deliveredTokens: number): RemainingEstimate;
}

/** Nobody has learned how long answers are. */
const UNKNOWN_OUTPUT_TOKENS = 256;
/** Bytes of a body in a token, before anything was learned: of English text in its JSON. */
const TOKENS_PER_BYTE = 0.25;
/** An answer that outgrew what was expected of it is taken to become so many times as long as it is. */
const GROWTH = 1.25;

/** A request with what it was made of, for the estimates that follow. */
export interface EstimatedRequest extends ScheduledRequest {
  readonly forecast: Forecast | undefined;
}

/** Creates it. */
export function createWorkEstimator(): WorkEstimator {
  return {
    estimateWork(call, rates) {
      const { forecast } = call.exchange;
      const bound = call.face.output === "text" ? (call.scan.maxTokens ?? UNKNOWN_OUTPUT_TOKENS) : 0;
      const constant = Math.min(UNKNOWN_OUTPUT_TOKENS, Math.max(0, bound * call.scan.choices));
      const inputTokens = Math.max(1, Math.ceil(forecast?.inputTokens ?? call.body.length * TOKENS_PER_BYTE));
      const outputTokens = Math.ceil(forecast?.prediction.p50 ?? constant);
      const outputTokensHigh = Math.ceil(forecast?.prediction.mean ?? constant);
      const workMs = workOf(rates, inputTokens, inputTokens, Math.max(1, outputTokens));
      return { inputTokens, outputTokens, outputTokensHigh, workMs };
    },
    reestimate(request, deliveredTokens) {
      const { outputTokens, outputTokensHigh, workMs } = request;
      const { forecast } = request as EstimatedRequest;
      const left = forecast?.prediction.remainingAfter(deliveredTokens);
      const whole = left === undefined ? Math.max(outputTokensHigh, deliveredTokens * GROWTH) : deliveredTokens + left;
      const share = 1 - deliveredTokens / Math.max(1, outputTokens, whole);
      return { outputTokensHigh: whole, workMs: workMs * Math.max(0, share) };
    },
  };
}
