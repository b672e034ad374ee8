// What of a call that has ended goes to the main thread, where its spans are made. No text of prompt or answer is in it.
import type { LedgerRecord } from "@flyball/core";
import type { CallTrace } from "./call-trace.ts";

/** What was asked for, as numbers. */
export interface AskedCall {
  /** From `operationName`. */
  readonly operation: string;
  readonly isStream: boolean;
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  /** As text: an int64 does not fit a number. */
  readonly seed: string | undefined;
  readonly choices: number;
}

/** A call with its place in a trace. */
export interface FinishedCall {
  readonly record: LedgerRecord;
  readonly trace: CallTrace;
  readonly asked: AskedCall;
}
