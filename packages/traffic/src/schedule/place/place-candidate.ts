// One endpoint as a placement looks at it: what the balancers see, and what the affinity filter needs. One object an endpoint, brought up to
// date only when something has changed there, so that a look at a hundred of them allocates nothing and is a matter of a few microseconds.
import type { EndpointBook } from "../book/endpoint-book.ts";
import { NO_LIMIT, type EndpointLimits } from "../book/endpoint-limits.ts";
import { SPANS } from "../book/memory-forecast.ts";
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
  /** Load by requests with one more, by prompts as they are, by a further token of a prompt, and by a token in memory; ÷ weight. */
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
  readonly speeds: PoolSpeeds;
}

/** How fast the endpoints of a pool write, by what was learned of them. */
export interface PoolSpeeds {
  /** The limits of each endpoint that the mean is of. */
  readonly seen: (EndpointLimits | undefined)[];
  /** Mean time of a token of an answer over the pool, ms. */
  meanTokenMs: number;
  /** Mean context of those that run, tokens: at it tokens are compared. */
  contextTokens: number;
}

/** Speeds of a pool of which nothing is known. */
export function createPoolSpeeds(): PoolSpeeds {
  return { seen: [], meanTokenMs: 0, contextTokens: USUAL_CONTEXT };
}

/** While nothing runs, or nothing is known of the memory. */
const USUAL_CONTEXT = 1_000;

/**
 * What a token of an answer costs here, ms, with the pool's usual context. The two rates that it is made of are learned from the same gaps, so one
 * of them may be too large where the other is too small; their sum at a context that was seen is right all the same.
 */
export function tokenMs({ contextTokens }: PoolSpeeds, { rates }: EndpointLimits): number {
  return rates.decodeMs + rates.contextMs * contextTokens;
}

/** Rates are learned: who differs from the mean by no more than the first factor counts as equal, from the second on as he is. */
const EQUAL = Math.log(1.2);
const UNLIKE = Math.log(1.35);

/** Brings it up to date with the room. */
export function refreshCandidate(view: CandidateView, candidate: PlaceCandidate): void {
  const { book, room, prefillBudgetMs } = view;
  const { endpoint } = candidate;
  const limits = book.limits(endpoint);
  const weight = limits.weight * (room.slotShare[endpoint] as number) * (limits.startShare ?? 1);
  const active = room.active[endpoint] as number;
  const { prefillMs } = limits.rates;
  candidate.seen = room.seen[endpoint] as number;
  candidate.capacity = limits.activeCap;
  candidate.weight = weight;
  candidate.inFlight = active;
  candidate.prefillWaitMs = (room.prefillInFlight[endpoint] as number) * prefillMs;
  candidate.activeLoad = ((active + 1) * slownessOf(view, endpoint, limits)) / (limits.activeCap * weight);
  candidate.prefillLoad = candidate.prefillWaitMs / (prefillBudgetMs * weight);
  candidate.tokenLoad = prefillMs / (prefillBudgetMs * weight);
  candidate.memoryLoad = 1 / (limits.kvTokenCap * weight);
  candidate.memoryNow = Math.max(0, limits.kvTokenCap - (room.memory[endpoint * SPANS] as number));
  candidate.memoryPeak = room.memoryPeak[endpoint] as number;
}

/**
 * Its own load with a request on it that leaves it so many tokens to read: the fuller of its slots and its memory, for they bound the same
 * batch, and the time that prompts take from that batch. (The pool's load, by which is shed and scaled, is the largest of the three. To
 * place by that largest one leaves prompts or batches unlike on equal endpoints: measured, answers took up to a quarter longer.)
 */
export function loadWith(candidate: PlaceCandidate, need: MemoryNeed, uncachedTokens: number): number {
  // In memory: what is there now and what the request comes to, or a peak that is foreseen anyway.
  const memory = Math.max(candidate.memoryPeak, candidate.memoryNow + need.contextTokens + need.remainingTokens);
  const batch = Math.max(candidate.activeLoad, candidate.memoryLoad * memory);
  return batch + candidate.prefillLoad + candidate.tokenLoad * uncachedTokens;
}

/** How much longer than the mean a token takes here: a slow endpoint is full with fewer requests. */
function slownessOf(view: CandidateView, endpoint: number, limits: EndpointLimits): number {
  const { speeds } = view;
  if (speeds.seen[endpoint] !== limits) refreshSpeeds(view);
  const own = tokenMs(speeds, limits);
  if (!(speeds.meanTokenMs > 0 && own > 0)) return 1;
  const slowness = Math.log(own / speeds.meanTokenMs);
  return Math.exp(slowness * Math.min(1, Math.max(0, (Math.abs(slowness) - EQUAL) / (UNLIKE - EQUAL))));
}

function refreshSpeeds({ book, room, speeds }: CandidateView): void {
  let tokens = 0;
  let active = 0;
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    const { kvTokenCap } = (speeds.seen[endpoint] = book.limits(endpoint));
    const running = room.active[endpoint] as number;
    if (kvTokenCap === NO_LIMIT || running === 0) continue;
    tokens += kvTokenCap - (room.memory[endpoint * SPANS] as number);
    active += running;
  }
  speeds.contextTokens = active > 0 ? tokens / active : USUAL_CONTEXT;
  let sum = 0;
  let known = 0;
  for (const limits of speeds.seen) {
    const ownMs = limits === undefined ? 0 : tokenMs(speeds, limits);
    sum += ownMs;
    // A book may have numbers that no endpoint has.
    if (ownMs > 0) known += 1;
  }
  speeds.meanTokenMs = sum / Math.max(1, known);
}
