// What every balancer is: a choice among the endpoints that can take a request. A new one is one file with one of these and a row in
// `create-balancer.ts`.
import type { Candidate } from "./candidate.ts";

/** One endpoint that can take the request in hand. One object an endpoint, refreshed before a choice, so that a choice allocates nothing. */
export interface BalanceCandidate extends Candidate {
  /** Number of the endpoint, the same as long as it lives. */
  readonly endpoint: number;
  /** Its own load after the request was placed on it: the largest of its parts ÷ the user's weight (design §7). */
  readonly loadAfter: number;
  /** Smoothed latency, ms; 0: nothing is known. */
  readonly latencyMs: number;
}

/** A way to choose. */
export interface Balancer {
  readonly name: string;
  /** Its choice among eight drawn at random is nearly as good as among a hundred: in a large pool only so many are looked at. */
  readonly isSampled?: boolean;
  /** Index of the chosen candidate; −1 when there is none. `hash` is what of the request decides where a hash is asked (32 bits, unsigned). */
  choose(candidates: readonly BalanceCandidate[], hash: number): number;
}
