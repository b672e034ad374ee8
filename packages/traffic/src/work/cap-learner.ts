// How many requests an endpoint should decode at once, learned. Too few leave its arithmetic idle; too many make every token late, or wait
// inside the engine, where nobody can order them or take them elsewhere. From below the cap follows what the time between tokens says: where
// it would miss the objective, or where one more request brings hardly a token more. From above it falls at once when the engine
// says (or shows) that requests wait in it, or that it pushes some out of its memory.
import { createCostFit, type CostFit } from "./cost-fit.ts";

/** A window ends with this many samples, and not before this time. */
const WINDOW_SAMPLES = 32;
const WINDOW_MS = 1000;
/** Throughput has stopped rising where ten more in a hundred requests bring one more token in a hundred. */
const LEAST_GAIN = 0.1;
/** What one window adds at most: sooner until the first trouble, since a cold endpoint should not be held back for minutes. */
const FIRST_GROWTH = 1.5;
const GROWTH = 1.1;
/** The cap is reached when so much of it is used. */
const REACHED = 0.9;
/**
 * The objective is for answers: the mean over about the time that one takes may exceed it by so much. Within it gaps come and go with the
 * prompts that are read between, and a cap that followed those would hold requests back for nothing.
 */
const ANSWER_MS = 60_000;
const TOLERANCE = 1.05;
/** What a pushed-out request leaves of the cap; and what a window over the objective does at most. */
const PREEMPTED_SHARE = 0.85;
const OVER_OBJECTIVE_SHARE = 0.9;
/** After trouble the cap does not grow for this time. */
const HOLD_MS = 10_000;
/** … and above the place of the trouble it grows by so much such a time, by twice as much each time that went well, up to a bound. */
const PROBE_STEP = 0.02;
const MOST_PROBE_STEP = 0.1;
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
/** What is foreseen of an endpoint that has shown no limit goes so far beyond what was seen; that fades by this part with each window. */
const SEEN_TIMES = 2;
const LEAST_FORESEEN = 16;
const FADE = 0.001;
/** So few at once tell how an endpoint does with one. */
const FEW_RUNNING = 4;
/** Gaps grow with the prompts that are read between; how much is learned by this part with each window. */
const READING_STEP = 0.3;

/** Bounds of a cap, whole numbers; `initial` is where it begins. */
export interface CapBounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
}

/** What a cap learner is made with. */
export interface CapLearnerOptions {
  readonly bounds: CapBounds;
  /** The mean time between tokens that is wanted at most, in milliseconds; without it only the throughput counts. */
  readonly itlObjectiveMs?: number;
  /** The objective is never below so many times the gap of a request alone, as far as that is known; 0 unless said. */
  readonly timesAlone?: number;
}

/** Why the cap is what it is. */
export type CapReason =
  | "initial"
  | "growing"
  | "maximum"
  | "objective"
  | "throughput"
  | "engine-waiting"
  | "engine-preempted";

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

interface CapState {
  readonly bounds: CapBounds;
  readonly itlObjectiveMs: number;
  readonly timesAlone: number;
  /** Gap of a request alone; 0: not known. */
  aloneMs: number;
  readonly gaps: CostFit;
  cap: number;
  reason: CapReason;
  growth: number;
  probeStep: number;
  /** The cap at the last trouble: above it one feels one's way. */
  ceiling: number;
  heldUntil: number;
  fellAt: number;
  wasOver: boolean;
  /** How much longer gaps are than without prompts being read between. */
  readingFactor: number;
  /** Looks in a row at which a few waited while as many ran, and how many these were. */
  waitingLooks: number;
  waitingMost: number;
  wasQueue: boolean;
  /** Most requests that were running at once in the present window and in the one before. */
  mostRunning: number;
  earlierMostRunning: number;
  /** Most that were ever running at once; it fades. */
  everRunning: number;
  lateOnes: number;
  preemptions: number | undefined;
  windowSince: number;
  samples: number;
  gapSum: number;
  sumMs: number;
  /** The same over about one answer. */
  answerGaps: number;
  answerSumMs: number;
  mostActive: number;
  runningSum: number;
}

/** A cap that has learned nothing. */
export function createCapLearner({ bounds, itlObjectiveMs, timesAlone = 0 }: CapLearnerOptions): CapLearner {
  const state: CapState = {
    bounds,
    itlObjectiveMs: itlObjectiveMs ?? Number.POSITIVE_INFINITY,
    timesAlone,
    aloneMs: 0,
    gaps: createCostFit({ prior: [10, 0.1] }),
    cap: clamp(bounds, bounds.initial),
    reason: "initial",
    growth: FIRST_GROWTH,
    probeStep: PROBE_STEP,
    ceiling: bounds.maximum,
    heldUntil: Number.NEGATIVE_INFINITY,
    fellAt: Number.NEGATIVE_INFINITY,
    wasOver: false,
    readingFactor: 1,
    waitingLooks: 0,
    waitingMost: 0,
    wasQueue: false,
    mostRunning: 0,
    earlierMostRunning: 0,
    everRunning: 0,
    lateOnes: 0,
    preemptions: undefined,
    windowSince: 0,
    samples: 0,
    gapSum: 0,
    sumMs: 0,
    answerGaps: 0,
    answerSumMs: 0,
    mostActive: 0,
    runningSum: 0,
  };
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

function addFirstToken(
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

function addScrape(state: CapState, { waiting, running, preemptions }: EngineScrape, now: number): void {
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

/** Down at once, to `to`. */
function fall(state: CapState, to: number, why: CapReason, now: number): void {
  state.growth = GROWTH;
  state.probeStep = PROBE_STEP;
  state.fellAt = now;
  state.heldUntil = now + HOLD_MS;
  state.reason = why;
  state.cap = Math.min(state.cap, clamp(state.bounds, to));
  state.ceiling = state.cap;
}

function clamp({ minimum, maximum }: CapBounds, value: number): number {
  return Math.min(maximum, Math.max(minimum, value));
}
