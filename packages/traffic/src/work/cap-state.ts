// What a cap learner remembers, and how a cap falls.
import { createCostFit, type CostFit } from "./cost-fit.ts";

/** What one window adds at most: sooner until the first trouble, since a cold endpoint should not be held back for minutes. */
export const FIRST_GROWTH = 1.5;
const GROWTH = 1.1;
/** After trouble the cap does not grow for this time. */
export const HOLD_MS = 10_000;
/** … and above the place of the trouble it grows by so much such a time, by twice as much each time that went well, up to a bound. */
const PROBE_STEP = 0.02;
/** The cap is reached when so much of it is used. */
export const REACHED = 0.9;

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

/** What is known of one cap; changed in place. */
export interface CapState {
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

/** Nothing is known yet. */
export function createCapState({ bounds, itlObjectiveMs, timesAlone = 0 }: CapLearnerOptions): CapState {
  return {
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
}

/** Down at once, to `to`. */
export function fall(state: CapState, to: number, why: CapReason, now: number): void {
  state.growth = GROWTH;
  state.probeStep = PROBE_STEP;
  state.fellAt = now;
  state.heldUntil = now + HOLD_MS;
  state.reason = why;
  state.cap = Math.min(state.cap, clamp(state.bounds, to));
  state.ceiling = state.cap;
}

/** Within the bounds. */
export function clamp({ minimum, maximum }: CapBounds, value: number): number {
  return Math.min(maximum, Math.max(minimum, value));
}
