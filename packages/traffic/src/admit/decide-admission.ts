// Whether a request may join the queue of its pool. What cannot be served in time is refused before it costs anything: an answer after
// the deadline helps nobody and takes the place of one that would have been in time.
import type { Random } from "@flyball/core";
import { predictWaitMs, retryAfterMs, type QueueView } from "./predict-drain.ts";

/** What is known of a request and its pool. Times are monotonic milliseconds. */
export interface AdmissionInput {
  readonly now: number;
  /** Infinity for none. */
  readonly deadlineAt: number;
  /** The least time in which an answer may be hoped for, such as the learned median to the first token; 0: not known. */
  readonly leastServiceMs: number;
  readonly queue: QueueView;
  /** The queue's bound. */
  readonly queueLimit: number;
  /** The shedder's word. Asked only when the request could be served. */
  readonly isShed: () => boolean;
  readonly random: Random;
}

/** The decision; a refusal says when to come again. */
export type Admission =
  | { readonly kind: "admit" }
  | {
      readonly kind: "refuse";
      readonly reason: "deadline" | "queue-full" | "shed";
      readonly retryAfterMs: number;
      /** For the record. */
      readonly predictedWaitMs: number;
    };

const ADMIT: Admission = { kind: "admit" };

/** Decides once, before the request waits or is sent. */
export function decideAdmission(input: AdmissionInput): Admission {
  const { queue } = input;
  const predictedWaitMs = predictWaitMs(queue);
  const refuse = (reason: "deadline" | "queue-full" | "shed"): Admission => ({
    kind: "refuse",
    reason,
    retryAfterMs: retryAfterMs(queue, input.random),
    predictedWaitMs,
  });
  if (input.now + predictedWaitMs + input.leastServiceMs > input.deadlineAt) return refuse("deadline");
  // An empty queue has room, whatever its bound.
  if (queue.queued > 0 && queue.queued >= input.queueLimit) return refuse("queue-full");
  return input.isShed() ? refuse("shed") : ADMIT;
}
