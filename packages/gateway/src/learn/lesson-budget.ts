// How many answers are learned from. What a thousand answers a second teach two hundred teach as well, and learning costs more than anything
// else that is done for a call once. Each tenth of a second has its own number, so that a burst teaches no more than what comes evenly.
import type { Clock } from "@flyball/core";

/** Lessons in one turn of the budget, and its length. */
export const LESSONS_A_TURN = 20;
export const TURN_MS = 100;

/** Whether the next answer is one that is learned from. */
export type LessonBudget = () => boolean;

/** Creates one for a worker. */
export function createLessonBudget({ monotonic }: Pick<Clock, "monotonic">): LessonBudget {
  let endsAt = Number.NEGATIVE_INFINITY;
  let left = 0;
  return () => {
    const now = monotonic();
    if (now >= endsAt) {
      endsAt = now + TURN_MS;
      left = LESSONS_A_TURN;
    }
    left -= 1;
    return left >= 0;
  };
}
