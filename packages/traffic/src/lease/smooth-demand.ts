// What a gateway asks for, as the division of a whole goes by it: it rises at once and falls slowly, so that the pause between two bursts does not
// take from a gateway what it needs again in a moment.

/** Half of what is no longer asked for is forgotten after this time. */
const HALF_LIFE_MS = 500;

/** The demand by now; `before` is that of `elapsedMs` ago. */
export function smoothDemand(before: number, now: number, elapsedMs: number): number {
  return Math.max(now, before * 2 ** (-Math.max(0, elapsedMs) / HALF_LIFE_MS));
}
