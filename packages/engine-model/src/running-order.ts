// The sequences that have a place, in the order in which they got it, each linked to its neighbours: one in the middle
// leaves without a search, and the last one is at hand because it is the first to be pushed out.

import type { BatchSequence } from "./sequence.ts";

/** Running sequences. Bounded by the engine's places. */
export interface RunningOrder {
  readonly size: number;
  add(sequence: BatchSequence): void;
  remove(sequence: BatchSequence): void;
  /** The one that got its place last. */
  last(): BatchSequence | undefined;
  /** The one with the highest priority number and, among equals, the latest arrival. Looks at each. */
  leastUrgent(): BatchSequence | undefined;
  /** Those that decode. */
  decoding(): Iterable<BatchSequence>;
}

/** Creates an empty order. */
export function createRunningOrder(): RunningOrder {
  let head: BatchSequence | undefined;
  let tail: BatchSequence | undefined;
  let size = 0;
  let places = 0;
  return {
    get size() {
      return size;
    },
    add(sequence) {
      sequence.previous = tail;
      sequence.next = undefined;
      if (tail === undefined) head = sequence;
      else tail.next = sequence;
      tail = sequence;
      size += 1;
      sequence.place = places++;
    },
    remove(sequence) {
      if (sequence.previous === undefined) head = sequence.next;
      else sequence.previous.next = sequence.next;
      if (sequence.next === undefined) tail = sequence.previous;
      else sequence.next.previous = sequence.previous;
      sequence.previous = undefined;
      sequence.next = undefined;
      size -= 1;
    },
    last: () => tail,
    leastUrgent() {
      let least = head;
      for (let other = head; other !== undefined; other = other.next) if (isLessUrgent(other, least)) least = other;
      return least;
    },
    *decoding() {
      for (let next = head; next !== undefined; next = next.next) if (next.state === "decoding") yield next;
    },
  };
}

function isLessUrgent(a: BatchSequence, b: BatchSequence | undefined): boolean {
  return b === undefined || a.priority > b.priority || (a.priority === b.priority && a.order > b.order);
}
