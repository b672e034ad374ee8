// How long a store takes to answer: the usual time, and the time when it is slow. What is fetched ahead has to last for the slow one.

/** Answers that are remembered. */
const REMEMBERED = 128;
/** Of so many answers, all but the slowest hundredth. */
const TAIL = 0.99;
/** What is assumed before the first answer: a store in the same data centre on a busy machine. */
const FIRST_GUESS_MS = 5;

/** The newest answers of a store. */
export interface RoundTrips {
  add(milliseconds: number): void;
  readonly medianMs: number;
  /** 99 of 100 of the last 128 answers came within it. */
  readonly tailMs: number;
}

/** Creates it without an answer. */
export function createRoundTrips(): RoundTrips {
  const newest: number[] = [];
  let next = 0;
  let sorted: readonly number[] | undefined;
  const quantile = (part: number): number => {
    sorted ??= newest.toSorted((left, right) => left - right);
    return sorted[Math.ceil(part * sorted.length) - 1] ?? FIRST_GUESS_MS;
  };
  return {
    add(milliseconds) {
      newest[next] = milliseconds;
      next = (next + 1) % REMEMBERED;
      sorted = undefined;
    },
    get medianMs() {
      return quantile(0.5);
    },
    get tailMs() {
      return quantile(TAIL);
    },
  };
}
