// What one request met, as its client saw it. Times are wall milliseconds of this machine, taken from a clock that does not jump within a run.

/** How a request ended. */
export type RequestEnd =
  /** An answer came whole. */
  | "answered"
  /** Nobody took the connection. */
  | "refused"
  /** The connection broke before the answer was whole. */
  | "broken"
  /** Nothing more came until the client gave up. */
  | "none";

/** What was wrong: a code, so that every reader is told in a language of their own, or the words of the app or the system. */
export type RequestProblem =
  | { readonly code: "no-end"; readonly seconds: number }
  | {
      readonly code: "empty-answer" | "not-json" | "empty-completion" | "event-not-json" | "no-last-event";
    }
  | { readonly code: "words"; readonly words: string };

/** One request of the load. */
export interface RequestRecord {
  readonly id: number;
  /** Of the request in the set: `question POST /ask`. */
  readonly name: string;
  /** When it was due by the rate, and when it was sent. */
  readonly dueAt: number;
  readonly sentAt: number;
  readonly firstByteAt?: number;
  /** The longest silence between two pieces of the answer. */
  readonly longestGapMs?: number;
  readonly endedAt: number;
  readonly end: RequestEnd;
  readonly status?: number;
  /** What is wrong with an answer of a good status, or how the connection broke. */
  readonly problem?: RequestProblem;
  /** From x-flyball-attempts, where the answer says it. */
  readonly attempts?: number;
  /** The answer came to its end more than once. */
  readonly isDuplicated?: true;
}

/** It was answered, with a good status and nothing wrong inside. */
export function isServed({ end, status = 0, problem }: RequestRecord): boolean {
  return end === "answered" && status >= 200 && status < 400 && problem === undefined;
}

/** A good status, and an error inside. */
export function isFailedInBand({ end, status = 0, problem }: RequestRecord): boolean {
  return end === "answered" && status >= 200 && status < 400 && problem !== undefined;
}

/** The app said at once that it takes no more: what a healthy app does with load beyond what it can serve. */
export function isTurnedAway({ end, status }: RequestRecord): boolean {
  return end === "answered" && (status === 429 || status === 503);
}

/** Milliseconds until it ended. */
export function latencyOf({ sentAt, endedAt }: RequestRecord): number {
  return endedAt - sentAt;
}
