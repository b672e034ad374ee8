// What became of each request, in one typed array a fact: a bench keeps millions of them.

/** How a request ended; "pending" only in a run that was stopped. */
export const OUTCOME = { pending: 0, done: 1, refused: 2, cut: 3, failed: 4 } as const;

/** All facts of one run, by request id. Times in milliseconds; NaN where it did not happen. */
export interface Outcomes {
  readonly state: Uint8Array;
  /** The router sent it (the last time). */
  readonly sentAt: Float64Array;
  readonly firstAt: Float64Array;
  readonly endAt: Float64Array;
  readonly replica: Int16Array;
  readonly cachedTokens: Int32Array;
  readonly preemptions: Uint16Array;
  /** Times sent. */
  readonly attempts: Uint8Array;
}

/** For so many requests, none of which has happened. */
export function createOutcomes(count: number): Outcomes {
  const never = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  return {
    state: new Uint8Array(count),
    sentAt: never(),
    firstAt: never(),
    endAt: never(),
    replica: new Int16Array(count).fill(-1),
    cachedTokens: new Int32Array(count),
    preemptions: new Uint16Array(count),
    attempts: new Uint8Array(count),
  };
}
