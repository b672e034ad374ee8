// Learns a cost as a sum of parts from measured times, online: least squares with forgetting, in relative errors since long times vary more
// than short ones, with nonnegative coefficients since no token gives time back, and deaf to stragglers.
//
// Forgetting alone would be dangerous. While the load stands still, the past that told the parts from each other fades, and the solution
// wanders off along what the present does not determine. So each solution is drawn to the one before it: what the present data determine
// follows them, what they do not stays as it was.
import { solveNonnegative } from "./solve-nonnegative.ts";

/** A sample counts half after so many further ones. */
const HALF_LIFE = 1000;
const KEEP = 2 ** (-1 / HALF_LIFE);
/** Until there is something to forget, every sample would move the solution: it is computed anew each time, later every so often. */
const EARLY_SAMPLES = 64;
const SOLVE_EVERY = 16;
/** Weight of the solution before in the next one, as a share of the weight of all samples. */
const INERTIA = 0.03;
/** Samples whose error exceeds the usual one so many times count nothing (J. W. Tukey's biweight, 6 is 4 standard deviations). */
const CUT = 6;
/** The usual error, in natural logarithms, is learned between these bounds, by such a part with each sample, sooner at first. */
const LEAST_ERROR = 0.02;
const MOST_ERROR = 3;
const FIRST_ERROR = 0.5;
const ERROR_STEP = 0.02;

/** So many samples in a row on one side of the expectation: the engine is no longer what it was, and this much of the past is kept. */
const LONGEST_RUN = 24;
const KEPT_AFTER_CHANGE = 0.1;

/** A cost that is learned. */
export interface CostFit {
  /** One measured time (ms) and the amounts that it was for, as many as there are coefficients. What is no positive number is passed over. */
  add(amounts: readonly number[], timeMs: number): void;
  /** Milliseconds for each amount; finite and ≥ 0. The array is replaced, never changed. */
  readonly coefficients: readonly number[];
  /** What these amounts are expected to take, in milliseconds. */
  expect(amounts: readonly number[]): number;
  readonly samples: number;
}

/** How a fit is made. */
export interface CostFitOptions {
  /** Coefficients to believe until there is better. */
  readonly prior: readonly number[];
  /**
   * What a sample above the expectation counts, 0–1; 1 unless given. Less where a measured time may hold a wait that is no cost: then the
   * fit keeps to the lower edge, and stays there while fewer than half of the samples waited.
   */
  readonly lateWeight?: number;
}

/** A fit that has seen nothing. */
export function createCostFit({ prior, lateWeight = 1 }: CostFitOptions): CostFit {
  const size = prior.length;
  const matrix: number[] = Array.from({ length: size * size }, () => 0);
  const vector: number[] = Array.from({ length: size }, () => 0);
  let coefficients: readonly number[] = prior.slice();
  let weight = 0;
  let usualError = FIRST_ERROR;
  let samples = 0;
  let run = 0;
  let runSign = 0;

  function expect(amounts: readonly number[]): number {
    let sum = 0;
    for (let index = 0; index < size; index += 1) sum += (coefficients[index] as number) * (amounts[index] as number);
    return sum;
  }

  function add(amounts: readonly number[], timeMs: number): void {
    if (!isMeasured(amounts, timeMs)) return;
    const expected = expect(amounts);
    const error = expected > 0 ? Math.log(timeMs / expected) : MOST_ERROR;
    const side = error > 0 ? lateWeight : 1;
    const part = side * trustIn(error / usualError);
    learnUsualError(Math.abs(error), side);
    noteSide(Math.sign(error), side);
    // The error is relative to what is expected: relative to what was measured, short times would win.
    const scale = part / Math.max(expected, timeMs / 10) ** 2;
    keep(KEEP);
    weight += part;
    for (let row = 0; row < size; row += 1) {
      const amount = scale * (amounts[row] as number);
      vector[row] = (vector[row] as number) + amount * timeMs;
      for (let column = 0; column < size; column += 1) {
        const index = row * size + column;
        matrix[index] = (matrix[index] as number) + amount * (amounts[column] as number);
      }
    }
    samples += 1;
    if (samples <= EARLY_SAMPLES || samples % SOLVE_EVERY === 0) solve();
  }

  /** Follows the median of the errors; as if the first few samples had been seen many times. */
  function learnUsualError(error: number, side: number): void {
    const step = side * Math.max(ERROR_STEP, 1 / (samples + 2));
    const next = usualError * (error > usualError ? Math.exp(step) : Math.exp(-step));
    usualError = Math.min(MOST_ERROR, Math.max(LEAST_ERROR, next));
  }

  function noteSide(sign: number, side: number): void {
    run = sign === runSign ? run + 1 : 1;
    runSign = sign;
    if (run < LONGEST_RUN / side) return;
    run = 0;
    keep(KEPT_AFTER_CHANGE);
  }

  function keep(part: number): void {
    weight *= part;
    for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] as number) * part;
    for (let index = 0; index < matrix.length; index += 1) matrix[index] = (matrix[index] as number) * part;
  }

  function solve(): void {
    const drawn = matrix.slice();
    const target = vector.slice();
    for (let index = 0; index < size; index += 1) {
      // In units in which every part, taken alone, would explain the times: then the parts are pulled alike.
      const diagonal = index * size + index;
      const pull = INERTIA * (matrix[diagonal] as number) + Number.MIN_VALUE;
      drawn[diagonal] = (drawn[diagonal] as number) + pull;
      target[index] = (target[index] as number) + pull * (coefficients[index] as number);
    }
    const next = solveNonnegative(drawn, target);
    if (weight > 0 && next.some((value) => value > 0)) coefficients = next;
  }

  return {
    add,
    expect,
    get coefficients() {
      return coefficients;
    },
    get samples() {
      return samples;
    },
  };
}

/** Weight of a sample whose error is so many times the usual one, 0–1. */
function trustIn(errors: number): number {
  const ratio = errors / CUT;
  return Math.abs(ratio) < 1 ? (1 - ratio * ratio) ** 2 : 0;
}

function isMeasured(amounts: readonly number[], timeMs: number): boolean {
  return (
    timeMs > 0 && timeMs < Number.POSITIVE_INFINITY && amounts.every((amount) => amount >= 0 && Number.isFinite(amount))
  );
}
