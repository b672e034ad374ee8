// The place of one model call in a trace. Plain data on the exchange; its spans are made when the call has ended, on another thread.

import type { AnswerMarks } from "./answer-marks.ts";

/** An attempt of the call: its span's id went to the backend. */
export interface AttemptTrace {
  readonly spanId: string;
  /** Host and port that it went to. */
  readonly authority: string;
}

/** A call in a trace; ids are lower-case hex. */
export interface CallTrace {
  readonly traceId: string;
  readonly spanId: string;
  /** The caller's span; undefined: the trace begins here. */
  readonly parentSpanId: string | undefined;
  readonly isSampled: boolean;
  /** In the order of the account's attempts. */
  readonly attempts: AttemptTrace[];
  /** Once an answer began, of a call that is sampled. */
  answer?: AnswerMarks;
}
