// How many answers are learned from. What a thousand answers a second teach two hundred teach as well, and learning costs more than anything
// else that is done for a call once.
import type { Clock } from "@flyball/core";

/** Lessons a second, and how many there may be at once. */
export const LESSONS_A_SECOND = 200;

/** Whether the next answer is one that is learned from. */
export type LessonBudget = () => boolean;

/** Creates one for a worker: a bucket of lessons that fills evenly. */
export function createLessonBudget({ monotonic }: Pick<Clock, "monotonic">, aSecond = LESSONS_A_SECOND): LessonBudget {
  let left = aSecond;
  let filledAt = monotonic();
  return () => {
    const now = monotonic();
    left = Math.min(aSecond, left + ((now - filledAt) * aSecond) / 1_000);
    filledAt = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
