// One endpoint as a placement looks at it: what the balancers see, and what the affinity filter needs. One object an endpoint, brought up to
// date only when something has changed there, so that a look at a hundred of them allocates nothing and is a matter of a few microseconds.
import type { EndpointBook } from "./endpoint-book.ts";
import { SPANS } from "./memory-forecast.ts";
import type { MemoryNeed, Room } from "./room.ts";

/** A `BalanceCandidate` that can be written to. */
export interface PlaceCandidate {
  readonly endpoint: number;
  /** The state of the room that it was brought up to date with; −1: none. */
  seen: number;
  capacity: number;
  weight: number;
  inFlight: number;
  latencyMs: number;
  /** Time that prompts in flight keep it busy, ms. */
  prefillWaitMs: number;
  /** Load by requests with one more, by prompts as it is, by a further token of a prompt, and by a token in memory; ÷ weight. */
  activeLoad: number;
  prefillLoad: number;
  tokenLoad: number;
  memoryLoad: number;
  /** Tokens in memory now, and at the peak that is foreseen. */
  memoryNow: number;
  memoryPeak: number;
  /** Of the placement in hand: prompt tokens that it would have to read, and its own load with the request on it. */
  uncachedTokens: number;
  loadAfter: number;
}

/** A candidate for an endpoint. */
export function createPlaceCandidate(endpoint: number): PlaceCandidate {
  return {
    endpoint,
    seen: -1,
    capacity: 1,
    weight: 1,
    inFlight: 0,
    latencyMs: 0,
    prefillWaitMs: 0,
    activeLoad: 0,
    prefillLoad: 0,
    tokenLoad: 0,
    memoryLoad: 0,
    memoryNow: 0,
    memoryPeak: 0,
    uncachedTokens: 0,
    loadAfter: 0,
  };
}

/** What all candidates of a placement have in common. */
export interface CandidateView {
  readonly book: EndpointBook;
  readonly room: Room;
  readonly prefillBudgetMs: number;
}

/** Brings it up to date with the room; the parts of its own load are those of `ownLoad`. */
export function refreshCandidate({ book, room, prefillBudgetMs }: CandidateView, candidate: PlaceCandidate): void {
  const { endpoint } = candidate;
  const limits = book.limits(endpoint);
  const weight = limits.weight * (room.slotShare[endpoint] as number);
  const active = room.active[endpoint] as number;
  const { prefillMs } = limits.rates;
  candidate.seen = room.seen[endpoint] as number;
  candidate.capacity = limits.activeCap;
  candidate.weight = weight;
  candidate.inFlight = active;
  candidate.prefillWaitMs = (room.prefillInFlight[endpoint] as number) * prefillMs;
  candidate.activeLoad = (active + 1) / (limits.activeCap * weight);
  candidate.prefillLoad = candidate.prefillWaitMs / (prefillBudgetMs * weight);
  candidate.tokenLoad = prefillMs / (prefillBudgetMs * weight);
  candidate.memoryLoad = 1 / (limits.kvTokenCap * weight);
  candidate.memoryNow = Math.max(0, limits.kvTokenCap - (room.memory[endpoint * SPANS] as number));
  candidate.memoryPeak = room.memoryPeak[endpoint] as number;
}

/** Its own load with a request on it that leaves it so many tokens to read. */
export function loadWith(candidate: PlaceCandidate, need: MemoryNeed, uncachedTokens: number): number {
  // In memory: what is there now and what the request comes to, or a peak that is foreseen anyway.
  const memory = Math.max(candidate.memoryPeak, candidate.memoryNow + need.contextTokens + need.remainingTokens);
  return Math.max(
    candidate.activeLoad,
    candidate.prefillLoad + candidate.tokenLoad * uncachedTokens,
    candidate.memoryLoad * memory,
  );
}
