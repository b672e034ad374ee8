// When a second attempt may be started beside a first one that is late with its first token (J. Dean, L. A. Barroso, The Tail at Scale,
// CACM 2013: a copy after the 95th percentile costs about 5 % and cuts the tail). Never after content, never to the endpoint that is
// late, never into an overload, which it would feed.
import { ttftQuantileMs, type TtftQuantiles } from "./ttft-quantile.ts";

const LEARNED_SHARE = 0.95;
/** Fewer samples say nothing about a 95th percentile. */
const LEAST_SAMPLES = 50;

/** Milliseconds after which a first token is late; undefined while that is not known. */
export function hedgeDelayMs(afterMs: number | "learned", learned: TtftQuantiles): number | undefined {
  if (afterMs !== "learned") return afterMs;
  return learned.samples < LEAST_SAMPLES ? undefined : ttftQuantileMs(learned, LEARNED_SHARE);
}

/** What is known when the delay has passed. */
export interface HedgeInput {
  readonly hasContent: boolean;
  /** Attempts that are running now. */
  readonly running: number;
  /** A second copy may have effects: stored conversations, requests with side effects. */
  readonly isRepeatable: boolean;
  /** The request is a retry already (see `attempt-number.ts`). */
  readonly isRetry: boolean;
  /** Another endpoint, or a backend in its turn, has a place for it at once. */
  readonly isAnotherFree: boolean;
  /** Load of where the copy would go, in flight ÷ capacity. */
  readonly loadThere: number;
  /** The deadline leaves time for the copy's own first token. */
  readonly isInTime: boolean;
  /** Takes one hedge from the budget. Asked last. */
  readonly takeBudget: () => boolean;
}

/** Above this load a copy takes a place that another call will need. */
const HIGHEST_LOAD = 0.8;

/** The decision with its reason, for the record. */
export interface HedgeDecision {
  readonly isHedged: boolean;
  readonly reason: string;
}

/** Decides once, when the delay has passed. */
export function decideHedge(input: HedgeInput): HedgeDecision {
  if (input.hasContent) return no("content has come");
  if (input.running !== 1) return no("another attempt is running");
  if (!input.isRepeatable) return no("a second copy may have effects");
  if (input.isRetry) return no("it is a retry");
  if (!input.isInTime) return no("the deadline is too near");
  if (!input.isAnotherFree) return no("there is nobody else");
  if (input.loadThere > HIGHEST_LOAD) return no("the others have enough to do");
  if (!input.takeBudget()) return no("the share of calls is spent");
  return { isHedged: true, reason: "the first token is late" };
}

function no(reason: string): HedgeDecision {
  return { isHedged: false, reason };
}
