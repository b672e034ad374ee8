// How much work a usual request of a pool is, so that what waits can be counted by its predicted work and still be a number of requests: while
// the shortest go first, those who are left waiting are long ones.

/** Learns it. Two numbers. */
export interface UsualWork {
  /** A request came, predicted to be so much work, in any unit that stays the same. */
  add(work: number): void;
  /** Usual requests that `requests` of so much work together are; as many as they are, while nothing is known. */
  countOf(work: number, requests: number): number;
}

/** So many requests are remembered: workloads drift. */
const MEMORY = 512;

/** Nothing is known yet. */
export function createUsualWork(): UsualWork {
  let mean = 0;
  let seen = 0;
  return {
    add(work) {
      if (!(work > 0 && work < Number.POSITIVE_INFINITY)) return;
      seen = Math.min(MEMORY, seen + 1);
      mean += (work - mean) / seen;
    },
    countOf: (work, requests) => (mean > 0 && work > 0 ? work / mean : requests),
  };
}
