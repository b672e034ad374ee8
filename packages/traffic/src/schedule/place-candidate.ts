// One endpoint as a placement looks at it: what the balancers see, and what the affinity filter needs. One object an endpoint, rewritten
// before each choice, so that a placement allocates nothing.
import { ownLoad, type InFlightAmounts } from "../balance/own-load.ts";
import type { EndpointBook } from "./endpoint-book.ts";
import { memoryWith, type MemoryNeed, type Room } from "./room.ts";

/** A `BalanceCandidate` that can be written to. */
export interface PlaceCandidate {
  readonly endpoint: number;
  capacity: number;
  weight: number;
  inFlight: number;
  loadAfter: number;
  latencyMs: number;
  /** Prompt tokens that it would have to read. */
  uncachedTokens: number;
  /** Time that prompts in flight keep it busy, ms. */
  prefillWaitMs: number;
}

/** A candidate for an endpoint. */
export function createPlaceCandidate(endpoint: number): PlaceCandidate {
  return {
    endpoint,
    capacity: 1,
    weight: 1,
    inFlight: 0,
    loadAfter: 0,
    latencyMs: 0,
    uncachedTokens: 0,
    prefillWaitMs: 0,
  };
}

/** What all candidates of a placement have in common. */
export interface CandidateView {
  readonly book: EndpointBook;
  readonly prefillBudgetMs: number;
  readonly room: Room;
  /** Scratch: what the request in hand needs, and the amounts of one endpoint with it. */
  readonly need: MemoryNeed;
  readonly amounts: InFlightAmounts;
}

/** Reads the endpoint's state and works out its load with the request on it; `uncachedTokens` is set already. */
export function refreshCandidate(view: CandidateView, candidate: PlaceCandidate): void {
  const { book, room, need, amounts } = view;
  const { endpoint } = candidate;
  const limits = book.limits(endpoint);
  const prefillTokens = book.prefillTokens(endpoint);
  candidate.capacity = limits.activeCap;
  candidate.weight = limits.weight * (room.slotShare[endpoint] as number);
  candidate.inFlight = book.active(endpoint);
  candidate.prefillWaitMs = prefillTokens * limits.rates.prefillMs;
  amounts.active = candidate.inFlight + 1;
  amounts.prefillTokens = prefillTokens + candidate.uncachedTokens;
  amounts.kvTokens = memoryWith(room, endpoint, need, limits.kvTokenCap);
  candidate.loadAfter = ownLoad(limits, amounts, view.prefillBudgetMs) / candidate.weight;
}
