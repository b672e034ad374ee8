// What became of the last predictions for one model, so that an operator can see whether to believe them.
import { kendallTau } from "./kendall-tau.ts";

/** Predictions that are remembered; the oldest goes first. */
export const ACCURACY_WINDOW = 1024;

/** The last predictions and what came; three rings of numbers. */
export interface AccuracyWindow {
  readonly came: Float32Array;
  readonly p50: Float32Array;
  readonly p90: Float32Array;
  count: number;
  next: number;
}

/** How good the predictions for a model were lately. Shares are 0–1. */
export interface PredictionAccuracy {
  readonly model: string;
  /** Predictions that it is computed from. */
  readonly count: number;
  /** Share of answers that were no longer than foretold: 0.5 and 0.9 would be right, more where many answers have one length. */
  readonly shareWithinP50: number;
  readonly shareWithinP90: number;
  /** Order of p50 against the order of the answers, −1 … 1; 0 without any relation. */
  readonly kendallTau: number;
  /** Half of the answers differed from p50 by no more than this factor (≥ 1). */
  readonly medianErrorFactor: number;
}

/** An empty window. */
export function createAccuracyWindow(): AccuracyWindow {
  return {
    came: new Float32Array(ACCURACY_WINDOW),
    p50: new Float32Array(ACCURACY_WINDOW),
    p90: new Float32Array(ACCURACY_WINDOW),
    count: 0,
    next: 0,
  };
}

/** Remembers one answer and what was foretold. */
export function addOutcome(window: AccuracyWindow, came: number, p50: number, p90: number): void {
  window.came[window.next] = came;
  window.p50[window.next] = p50;
  window.p90[window.next] = p90;
  window.next = (window.next + 1) % ACCURACY_WINDOW;
  if (window.count < ACCURACY_WINDOW) window.count += 1;
}

/** The figures of a window; takes about a millisecond. All 0 (the factor 1) when it is empty. */
export function accuracyOf(model: string, { came, p50, p90, count }: AccuracyWindow): PredictionAccuracy {
  let withinP50 = 0;
  let withinP90 = 0;
  const errors: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const tokens = came[index] as number;
    const middle = p50[index] as number;
    if (tokens <= middle) withinP50 += 1;
    if (tokens <= (p90[index] as number)) withinP90 += 1;
    errors.push(Math.abs(Math.log(Math.max(1, tokens) / Math.max(1, middle))));
  }
  errors.sort((a, b) => a - b);
  const answers = Math.max(1, count);
  return {
    model,
    count,
    shareWithinP50: withinP50 / answers,
    shareWithinP90: withinP90 / answers,
    kendallTau: kendallTau([...p50.subarray(0, count)], [...came.subarray(0, count)]),
    medianErrorFactor: Math.exp(errors[errors.length >> 1] ?? 0),
  };
}
