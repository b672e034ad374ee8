// Whether a place has been good for a whole window since its fault. Pure. Where requests failed, silence is no recovery: an ejected instance
// gets no requests at all, so it would always look well. There the window begins with a good answer of the instance itself (or of the one
// that took its place) and counts only with as many of them as rule the fault out.
import { goodAnswersNeeded, type FailureEvidence } from "@flyball/traffic";

/** What is known of a place. Times are wall times. */
export interface PlaceFacts {
  readonly readyAt: number;
  readonly firstBad: number;
  readonly lastBadAt: number | undefined;
  /** The fault is one that only requests can show. */
  readonly isAboutRequests: boolean;
  readonly failures: FailureEvidence | undefined;
  readonly goodWindowMs: number;
}

/** How a place stands. */
export type GoodWindow =
  | { readonly kind: "good"; readonly since: number }
  | { readonly kind: "not-yet" }
  /** Enough good answers since the last bad one; the window is not over. */
  | { readonly kind: "proving" }
  /** The window went by without enough good answers: nobody knows. */
  | { readonly kind: "unknown"; readonly answered: number; readonly needed: number; readonly since: number };

/** Judges the time up to now. */
export function goodWindow(facts: PlaceFacts, now: number): GoodWindow {
  const { readyAt, firstBad, lastBadAt, failures, goodWindowMs } = facts;
  const quietSince = Math.max(readyAt, firstBad, lastBadAt === undefined ? 0 : lastBadAt + 1);
  const isOver = (since: number): boolean => now - since >= goodWindowMs;
  if (!facts.isAboutRequests) return isOver(quietSince) ? { kind: "good", since: quietSince } : { kind: "not-yet" };
  const answered = failures?.goodSinceBad ?? 0;
  const needed = goodAnswersNeeded(failures);
  if (answered < needed)
    return isOver(quietSince) ? { kind: "unknown", answered, needed, since: quietSince } : { kind: "not-yet" };
  const since = Math.max(quietSince, failures?.goodSince ?? quietSince);
  return isOver(since) ? { kind: "good", since } : { kind: "proving" };
}
