// What placement knows of one endpoint. The gateway keeps one such object per endpoint and refreshes `inFlight` before each choice,
// so that a choice allocates nothing.

/** One endpoint that may be chosen. */
export interface Candidate {
  /** Requests at once that it can work on (> 0). */
  readonly capacity: number;
  /** The user's weight (> 0). */
  readonly weight: number;
  /** Requests in flight on it now, over all workers. */
  readonly inFlight: number;
}

/** Load in flight: work in flight ÷ capacity (design §7, L). */
export function loadOf(candidate: Candidate): number {
  return candidate.inFlight / candidate.capacity;
}

/** Own load after one more request was placed: (inFlight + 1) ÷ (capacity · weight). Placement makes it least. */
export function loadAfterPlacing(candidate: Candidate): number {
  return (candidate.inFlight + 1) / (candidate.capacity * candidate.weight);
}

/** The share that it should carry: capacity × weight (design §7, w). */
export function shareWeight(candidate: Candidate): number {
  return candidate.capacity * candidate.weight;
}
