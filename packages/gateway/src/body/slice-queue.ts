// Work on long bodies that would hold the event loop for too long: it is done in slices, and between two turns of slices everybody else is
// served. All bodies of a worker share the turns, so that many of them at once make it slower for each other and for nobody else.
import type { Clock } from "@flyball/core";

/** Slices are begun for so long in one turn of the loop; one takes a few milliseconds at most. */
export const TURN_MS = 4;

/** Does one slice; true: it was the last one. Must not throw. */
export type Slice = () => boolean;

/** The work that waits for its turns. */
export interface SliceQueue {
  /** Begins in a turn of its own. Bounded by the requests under way: each has one, and ends it when its client leaves. */
  add(slice: Slice): void;
}

/** Creates one; a worker has one. */
export function createSliceQueue({ monotonic }: Pick<Clock, "monotonic">): SliceQueue {
  const waiting: Slice[] = [];
  let isComing = false;
  const come = (): void => {
    if (isComing || waiting.length === 0) return;
    isComing = true;
    setImmediate(turn);
  };
  const turn = (): void => {
    isComing = false;
    const endsAt = monotonic() + TURN_MS;
    do {
      const slice = waiting.shift();
      if (slice !== undefined && !slice()) waiting.push(slice);
    } while (waiting.length > 0 && monotonic() < endsAt);
    come();
  };
  return {
    add(slice) {
      waiting.push(slice);
      come();
    },
  };
}
