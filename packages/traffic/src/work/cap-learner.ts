// How many requests an endpoint should decode at once, learned. Too few leave its arithmetic idle; too many make every token late, or wait
// inside the engine, where nobody can order them or take them elsewhere. From below the cap follows what the time between tokens says: where
// it would miss the objective, or where one more request brings hardly a token more. From above it falls at once when the engine
// says (or shows) that requests wait in it, or that it pushes some out of its memory.
import {
  clamp,
  createCapState,
  fall,
  FIRST_GROWTH,
  HOLD_MS,
  REACHED,
  type CapLearnerOptions,
  type CapReason,
  type CapState,
} from "./cap-state.ts";
import { addFirstToken, addScrape, type CapLoad, type EngineScrape } from "./engine-queue.ts";

export type { CapBounds, CapLearnerOptions, CapReason } from "./cap-state.ts";
export type { CapLoad, EngineScrape } from "./engine-queue.ts";

/** A window ends with this many samples, and not before this time. */
const WINDOW_SAMPLES = 32;
const WINDOW_MS = 1000;
/** Throughput has stopped rising where ten more in a hundred requests bring one more token in a hundred. */
const LEAST_GAIN = 0.1;
/**
 * The objective is for answers: the mean over about the time that one takes may exceed it by so much. Within it gaps come and go with the
 * prompts that are read between, and a cap that followed those would hold requests back for nothing.
 */
const ANSWER_MS = 60_000;
const TOLERANCE = 1.05;
/** What a window over the objective leaves of those in flight at most. */
const OVER_OBJECTIVE_SHARE = 0.9;
/** Above the place of the last trouble the cap grows by no larger steps than this. */
const MOST_PROBE_STEP = 0.1;
/** What is foreseen of an endpoint that has shown no limit goes so far beyond what was seen; that fades by this part with each window. */
const SEEN_TIMES = 2;
const LEAST_FORESEEN = 16;
const FADE = 0.001;
/** So few at once tell how an endpoint does with one. */
const FEW_RUNNING = 4;
/** Gaps grow with the prompts that are read between; how much is learned by this part with each window. */
const READING_STEP = 0.3;

/** The cap of one endpoint. Times are monotonic milliseconds; samples that are no numbers are passed over. */
export interface CapLearner {
  /** Requests that may be in flight: a whole number within the bounds. */
  readonly cap: number;
  readonly reason: CapReason;
  /**
   * Requests that may well be had at once, while nothing has shown a limit: what the gaps foresee, and no more than twice what was seen, for a line
   * through few loads is not to be trusted far. The cap once there is one; undefined: no window has ended yet.
   */
  readonly foreseen: number | undefined;
  /** Tokens came `itlMs` apart. */
  addTokenGap(itlMs: number, load: CapLoad, now: number): void;
  /**
   * A first token came `ttftMs` after its request was sent, and was expected after `expectedMs`: shows the queue of an engine without metrics. True:
   * it was late, so its request waited in the engine.
   */
  addFirstToken(ttftMs: number, expectedMs: number, load: CapLoad, now: number): boolean;
  addScrape(scrape: EngineScrape, now: number): void;
}

/** A cap that has learned nothing. */
export function createCapLearner(options: CapLearnerOptions): CapLearner {
  const { bounds } = options;
  const state = createCapState(options);
  return {
    get cap() {
      return Math.floor(state.cap);
    },
    get reason() {
      return state.reason;
    },
    get foreseen() {
      if (state.cap < bounds.maximum) return Math.floor(state.cap);
      if (state.everRunning === 0) return undefined;
      const seen = Math.max(LEAST_FORESEEN, SEEN_TIMES * state.everRunning);
      return Math.floor(clamp(bounds, Math.min(seen, aimOf(state).aim)));
    },
    addTokenGap: (itlMs, load, now) => addTokenGap(state, itlMs, load, now),
    addFirstToken: (ttftMs, expectedMs, load, now) => addFirstToken(state, { ttftMs, expectedMs, load }, now),
    addScrape: (scrape, now) => addScrape(state, scrape, now),
  };
}

function addTokenGap(state: CapState, itlMs: number, { running, active, gaps = 1 }: CapLoad, now: number): void {
  if (!(itlMs > 0 && itlMs < Number.POSITIVE_INFINITY && running >= 1 && active >= running)) return;
  if (!(gaps > 0 && gaps < Number.POSITIVE_INFINITY)) return;
  state.gaps.add([1, running], itlMs);
  if (state.samples === 0) state.windowSince = now;
  state.samples += 1;
  state.gapSum += gaps;
  state.sumMs += gaps * itlMs;
  state.runningSum += gaps * running;
  state.mostRunning = Math.max(state.mostRunning, running);
  state.mostActive = Math.max(state.mostActive, active);
  if (state.samples >= WINDOW_SAMPLES && now - state.windowSince >= WINDOW_MS) endWindow(state, now);
}

/** In force: one that an endpoint misses with a single request would hold it at the least cap for nothing. */
function objectiveOf({ itlObjectiveMs, timesAlone, aloneMs }: CapState): number {
  return Math.max(itlObjectiveMs, timesAlone * aloneMs);
}

/** How long a gap is with a request alone is known only where few were running: a line through many says little of one. */
function learnAlone(state: CapState, meanMs: number, running: number): void {
  if (running <= FEW_RUNNING) state.aloneMs = Math.min(meanMs, state.gaps.expect([1, 1]));
}

function endWindow(state: CapState, now: number): void {
  const { gapSum, sumMs, runningSum, mostActive, wasOver } = state;
  const meanMs = sumMs / gapSum;
  learnAlone(state, meanMs, runningSum / gapSum);
  const objectiveMs = objectiveOf(state);
  const longer = meanMs / Math.max(Number.MIN_VALUE, state.gaps.expect([1, runningSum / gapSum]));
  state.readingFactor += READING_STEP * (Math.min(4, Math.max(1, longer)) - state.readingFactor);
  state.samples = 0;
  state.gapSum = 0;
  state.sumMs = 0;
  state.runningSum = 0;
  state.mostActive = 0;
  state.earlierMostRunning = state.mostRunning;
  state.everRunning = Math.max(state.mostRunning, state.everRunning * (1 - FADE));
  state.mostRunning = 0;
  const kept = Math.exp((state.windowSince - now) / ANSWER_MS);
  state.answerSumMs = state.answerSumMs * kept + sumMs;
  state.answerGaps = state.answerGaps * kept + gapSum;
  const isOver = meanMs > objectiveMs && state.answerSumMs > objectiveMs * TOLERANCE * state.answerGaps;
  state.wasOver = isOver;
  // One window may hold a long prompt; what two agree on is so.
  if (isOver && wasOver) {
    // Gaps grow no faster than what runs, so that many keep the objective in any case. Of what is there, not of the cap: after a fall more may
    // run for a while than it allows.
    const kept = objectiveMs / Math.min(meanMs, state.answerSumMs / state.answerGaps);
    fall(state, mostActive * Math.min(OVER_OBJECTIVE_SHARE, kept), "objective", now);
  } else if (!isOver && now >= state.heldUntil) follow(state, mostActive, now);
}

/** One step towards what the gaps say. A cap that nothing reaches has nothing to learn from growing, nor from an extrapolation. */
function follow(state: CapState, mostActive: number, now: number): void {
  const { bounds, cap, ceiling, growth } = state;
  const { aim, why } = aimOf(state);
  if (aim < cap) return;
  if (mostActive < REACHED * Math.floor(cap)) return;
  if (cap >= ceiling) {
    state.ceiling = Math.max(ceiling + 1, ceiling * (1 + state.probeStep));
    state.probeStep = Math.min(MOST_PROBE_STEP, 2 * state.probeStep);
    state.heldUntil = now + HOLD_MS;
  }
  state.cap = clamp(bounds, Math.min(aim, state.ceiling, Math.max(cap * growth, cap + 1)));
  if (state.cap >= bounds.maximum) state.reason = "maximum";
  else if (state.cap < state.ceiling) state.reason = state.cap >= aim ? why : "growing";
}

function aimOf(state: CapState): { readonly aim: number; readonly why: CapReason } {
  const { gaps, readingFactor, growth } = state;
  const [baseMs, eachMs] = gaps.coefficients as [number, number];
  // n / (base + n·each) grows by base / (base + n·each) of what n grows by.
  // After a trouble nothing is grown by what a line through a narrow range of loads says: there it feels its way.
  const isFelt = growth < FIRST_GROWTH;
  const byThroughput = eachMs > 0 && !isFelt ? (baseMs / eachMs) * (1 / LEAST_GAIN - 1) : Number.POSITIVE_INFINITY;
  const allowedMs = objectiveOf(state) / readingFactor - baseMs;
  const byObjective = eachMs > 0 || allowedMs < 0 ? allowedMs / eachMs : Number.POSITIVE_INFINITY;
  return byObjective < byThroughput ? { aim: byObjective, why: "objective" } : { aim: byThroughput, why: "throughput" };
}
