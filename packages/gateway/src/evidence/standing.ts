// What is in flight at an endpoint at one moment and how long it has waited, in one worker, and whether the worker has ejected it. A report brings
// it whole, so the last one is what is known; of several workers they add up.
import type { EjectReason } from "@flyball/core";

/** Of one endpoint in one worker. */
export interface Standing {
  /** Attempts in flight. */
  readonly count: number;
  readonly oldestWaitMs: number;
  /** Waits beyond what is usual; undefined: the worker was late itself, so its times prove nothing. */
  readonly stuck: number | undefined;
  readonly oldestSilenceMs: number;
  readonly stuckStreams: number | undefined;
  /** Since when (wall time) and why. */
  readonly ejected: { readonly since: number; readonly reason: EjectReason } | undefined;
}

/** Nothing is in flight. */
export const IDLE: Standing = {
  count: 0,
  oldestWaitMs: 0,
  stuck: 0,
  oldestSilenceMs: 0,
  stuckStreams: 0,
  ejected: undefined,
};

/** All workers together. An endpoint that some have ejected is ejected, since the first of them did. */
export function joinStandings(standings: Iterable<Standing>): Standing {
  let sum = IDLE;
  for (const next of standings) {
    sum = {
      count: sum.count + next.count,
      oldestWaitMs: Math.max(sum.oldestWaitMs, next.oldestWaitMs),
      stuck: add(sum.stuck, next.stuck),
      oldestSilenceMs: Math.max(sum.oldestSilenceMs, next.oldestSilenceMs),
      stuckStreams: add(sum.stuckStreams, next.stuckStreams),
      ejected: earliest(sum.ejected, next.ejected),
    };
  }
  return sum;
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function earliest(a: Standing["ejected"], b: Standing["ejected"]): Standing["ejected"] {
  if (a === undefined || b === undefined) return a ?? b;
  return b.since < a.since ? b : a;
}
