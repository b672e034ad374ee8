// How long one waits in a queue before several servers. Exact for one memoryless server, within some percent for more; bursts and uneven sizes
// come in by their variation (Sakasegawa 1977, as in Hopp and Spearman's Factory Physics).

/** A queue before servers. */
export interface QueueFacts {
  readonly servers: number;
  /** 0–1; at 1 and above the wait is infinite. */
  readonly utilisation: number;
  readonly serviceMs: number;
  /** Squared coefficients of variation. */
  readonly arrivalVariation: number;
  readonly serviceVariation: number;
}

/** Mean wait, ms: (ca² + cs²) ÷ 2 × ρ^(√(2(c+1)) − 1) ÷ (c (1 − ρ)) × service. */
export function meanWaitMs(queue: QueueFacts): number {
  const { servers, utilisation, serviceMs, arrivalVariation, serviceVariation } = queue;
  if (utilisation >= 1) return Number.POSITIVE_INFINITY;
  const unevenness = (arrivalVariation + serviceVariation) / 2;
  return (unevenness * waitShare(queue) * serviceMs) / (servers * (1 - utilisation));
}

/** The wait that only `share` of all exceed, ms: those who wait at all do so about exponentially long. */
export function waitQuantileMs(queue: QueueFacts, share: number): number {
  const waiting = waitShare(queue);
  if (waiting <= share) return 0;
  return (meanWaitMs(queue) / waiting) * Math.log(waiting / share);
}

/** About how many have to wait. */
function waitShare({ servers, utilisation }: QueueFacts): number {
  return Math.min(1, utilisation ** (Math.sqrt(2 * (servers + 1)) - 1));
}
