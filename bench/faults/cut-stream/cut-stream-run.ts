// What was seen of one answer whose model server was killed in the middle of it, once under Flyball and once under plain restart supervision.

/** One stream, as its client saw it. Times in ms since the request was sent. */
export interface SeenStream {
  /** When each word came. */
  readonly wordsAt: readonly number[];
  readonly text: string;
  readonly killedAt: number;
  /** What ended it: `[DONE]`, or the error that the client had. */
  readonly end: string;
  readonly endedAt: number;
  /** From the kill until two model servers answered their health checks again. */
  readonly backMs: number;
}

/** Both, beside the same answer undisturbed. */
export interface CutStreamRun {
  readonly machine: string;
  /** Words of the answer that nobody disturbed. */
  readonly words: number;
  readonly text: string;
  readonly flyball: SeenStream;
  readonly plain: SeenStream;
}

/** Words that the client had when the server was killed. */
export function wordsBefore({ wordsAt, killedAt }: SeenStream): number {
  return wordsAt.filter((at) => at <= killedAt).length;
}

/** The longest time without a word from just before the kill on. */
export function longestPauseMs(stream: SeenStream): number {
  const around = stream.wordsAt.slice(Math.max(0, wordsBefore(stream) - 1));
  return Math.max(0, ...around.map((at, index) => at - (around[index - 1] ?? at)));
}
