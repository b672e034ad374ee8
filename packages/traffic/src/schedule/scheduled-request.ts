// A request as the scheduler sees it. Plain numbers, so that it crosses from a worker to the arbiter as a small record, and so that a
// simulation makes the very same.

/** One object a request; the scheduler keeps it by its id and never changes it. Times are monotonic milliseconds. */
export interface ScheduledRequest {
  /** Unique among the requests that a scheduler knows at the same time. */
  readonly id: number;
  /** Whose it is: an account with any number of keys; "" where none is declared. */
  readonly tenant: string;
  /** 0 is the highest class. */
  readonly classIndex: number;
  readonly arrivedAt: number;
  /** Infinity: none. */
  readonly deadlineAt: number;
  /** Tokens of the prompt; 1 for a plain request. */
  readonly inputTokens: number;
  /** Predicted, the middle of what is likely (p50): it orders and is charged. 0 for a plain request. */
  readonly outputTokens: number;
  /** Predicted, what memory is reserved for: the mean does, because the peak of the sum is what counts (`memory-forecast.ts`). */
  readonly outputTokensHigh: number;
  /** Work that is left, in ms on a reference endpoint that knows nothing of the prompt; what was done before a resume is taken off. */
  readonly workMs: number;
  /** Ids of the prompt's full blocks, each naming the whole prefix up to it; may be empty. */
  readonly blocks: readonly number[];
  /** What a consistent hash goes by, such as a session (32 bits); its first block or its id where it is not said. */
  readonly hash?: number | undefined;
  /** The gateway worker that owns it: its row in a shared endpoint book. 0 where there is one worker. */
  readonly row?: number;
}
