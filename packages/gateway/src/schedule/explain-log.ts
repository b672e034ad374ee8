// The last requests of a worker with why they went where they went. A ring: adding costs a store, and who asks, which is seldom, looks through
// all of it.
import type { Explanation } from "./explanation.ts";

/** Requests that a worker remembers. */
const MOST_EXPLAINED = 2_000;

/** The log. */
export interface ExplainLog {
  add(explanation: Explanation): void;
  /** The last one of this id: a client may use an id again. */
  find(requestId: string): Explanation | undefined;
}

/** An empty log. */
export function createExplainLog(): ExplainLog {
  const ring: Explanation[] = [];
  let next = 0;
  return {
    add(explanation) {
      ring[next] = explanation;
      next = (next + 1) % MOST_EXPLAINED;
    },
    find(requestId) {
      const isIt = (each: Explanation): boolean => each.requestId === requestId;
      return ring.slice(0, next).findLast(isIt) ?? ring.slice(next).findLast(isIt);
    },
  };
}
