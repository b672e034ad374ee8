// Signs of requests that wait inside an engine, or are pushed out of its memory: by its metrics, and where it has none by first tokens that come late.
import { fall, REACHED, type CapState } from "./cap-state.ts";

/** What a pushed-out request leaves of the cap. */
const PREEMPTED_SHARE = 0.85;
/** Waiting in the engine up to this share of the cap may be a moment between two steps; so many looks in a row it is a queue. */
const MOMENT_SHARE = 0.1;
const WAITING_LOOKS = 3;
const LEAST_QUEUE = 4;
/** A first token is late when it comes after so many times the expected time and this long; so many late ones in a row show a queue. */
const LATE_TIMES = 4;
const LATE_MS = 500;
const LATE_ONES = 3;
/** They say that there are too many, not how many there should be: what it leaves of those in flight, if not more were seen to run. */
const LATE_SHARE = 0.7;

/** What a scrape of the engine's metrics says. */
export interface EngineScrape {
  /** Requests that wait inside, and that run. */
  readonly waiting: number;
  readonly running: number;
  /** Requests pushed out since the engine began, a counter. */
  readonly preemptions: number;
}

/** How full an endpoint was when a sample was taken. */
export interface CapLoad {
  /** Requests that were decoding, the one in question included, and all that were in flight. */
  readonly running: number;
  readonly active: number;
  /**
   * Gaps that the sample stands for; 1 unless given. A look at what came in half a second stands for all of its tokens: counted once
   * each, the slow looks, in which few tokens come, would weigh as much as the fast ones.
   */
  readonly gaps?: number;
}

/** As `CapLearner.addFirstToken`. */
export function addFirstToken(
  state: CapState,
  { ttftMs, expectedMs, load }: { readonly ttftMs: number; readonly expectedMs: number; readonly load: CapLoad },
  now: number,
): boolean {
  const { running, active } = load;
  // Only where all places are taken: elsewhere it waited for something else.
  const isLate = ttftMs > LATE_TIMES * expectedMs && ttftMs > expectedMs + LATE_MS && active > running;
  // What was sent before the cap fell waited in the queue of that time.
  if (now - ttftMs < state.fellAt) return isLate;
  state.lateOnes = isLate ? state.lateOnes + 1 : 0;
  if (state.lateOnes < LATE_ONES) return isLate;
  state.lateOnes = 0;
  state.mostRunning = Math.max(state.mostRunning, running);
  fall(state, Math.max(mostRunning(state), Math.min(state.cap, active) * LATE_SHARE), "engine-waiting", now);
  return isLate;
}

/** As `CapLearner.addScrape`. */
export function addScrape(state: CapState, { waiting, running, preemptions }: EngineScrape, now: number): void {
  if (!(waiting >= 0 && running >= 0 && preemptions >= 0)) return;
  // With room left under the cap a request waits for its prompt to be read, and a lower cap would not help it.
  const isWaiting = waiting > 0 && running + waiting >= REACHED * Math.floor(state.cap);
  const isQueue = isWaiting && waiting > Math.max(1, MOMENT_SHARE * state.cap);
  state.mostRunning = Math.max(state.mostRunning, running);
  // Far below the cap it takes more of them: there a few may well wait behind a long prompt.
  const isMany = waiting > Math.max(LEAST_QUEUE, MOMENT_SHARE * running);
  noteWaiting(state, isWaiting || isMany, running);
  // A queue that stays says that what ran before no longer fits, for its memory is full; a short one that the places are taken.
  if (isQueue && state.wasQueue) fall(state, running, "engine-waiting", now);
  else if (isQueue) fall(state, mostRunning(state), "engine-waiting", now);
  else if (state.waitingLooks >= WAITING_LOOKS) fall(state, state.waitingMost, "engine-waiting", now);
  state.wasQueue = isQueue;
  // A counter that fell began anew with its engine.
  if (state.preemptions !== undefined && preemptions > state.preemptions) {
    fall(state, state.cap * PREEMPTED_SHARE, "engine-preempted", now);
  }
  state.preemptions = preemptions;
}

/**
 * A few that wait may wait for prompts of others to be read, and then more of them run at the next look. Where they wait for a place, as many
 * run at each look, for each place that is free is taken at once.
 */
function noteWaiting(state: CapState, isWaiting: boolean, running: number): void {
  const isSame = Math.abs(running - state.waitingMost) <= 1;
  state.waitingLooks = isWaiting ? (isSame ? state.waitingLooks + 1 : 1) : 0;
  state.waitingMost = state.waitingLooks > 1 ? Math.max(state.waitingMost, running) : running;
}

function mostRunning(state: CapState): number {
  return Math.max(1, state.mostRunning, state.earlierMostRunning);
}
