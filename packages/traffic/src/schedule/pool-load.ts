// How full a pool is, in the numbers that shedding, scaling and the screen go by: its weighted average load, the work of those who wait, and
// when they will have been served.
import { ownLoad } from "../balance/own-load.ts";
import { averageLoadOf, sumPoolLoad, type LoadPart, type PoolLoadSums } from "../load/sum-pool-load.ts";
import type { ClassQueue } from "./order/class-queue.ts";
import { capacityOf } from "./order/fair-share.ts";
import { tokenMs } from "./place/place-candidate.ts";
import type { SchedulerState } from "./scheduler-state.ts";

/** A pool at one moment. */
export interface PoolLoad {
  /** Weighted average load with those who wait (design §7); 1: full. */
  readonly averageLoad: number;
  /** What it is made of. */
  readonly sums: PoolLoadSums;
  readonly queued: number;
  /** Work of those who wait, ms on the reference endpoint. */
  readonly backlogMs: number;
  /** Work that gets done in a millisecond, ms: measured while somebody waited, before that one for each endpoint. */
  readonly pace: number;
  /** When those who wait now will have begun, ms from now. */
  readonly drainMs: number;
}

/** The pool's load. O(endpoints). */
export function poolLoadOf(state: SchedulerState, now: number): PoolLoad {
  const { book, queue, placer } = state;
  const parts: LoadPart[] = [];
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    const limits = book.limits(endpoint);
    if (!limits.isServing) continue;
    const amounts = {
      active: book.active(endpoint),
      prefillTokens: book.prefillTokens(endpoint),
      kvTokens: book.kvTokens(endpoint),
    };
    parts.push({
      inFlight: amounts.active,
      load: ownLoad(limits, amounts, placer.prefillBudgetMs),
      slots: Math.max(1, limits.activeCap),
      weight: limits.weight,
      tokenMs: tokenMs(placer.speeds, limits),
    });
  }
  const pace = paceOf(state, now, parts.length);
  const backlogMs = queue.classes.reduce((sum, group) => sum + group.backlogMs, 0);
  const sums = sumPoolLoad(parts, state.usualWork.countOf(backlogMs, queue.table.size));
  return {
    averageLoad: averageLoadOf(sums),
    sums,
    queued: queue.table.size,
    backlogMs,
    pace,
    drainMs: backlogMs / pace,
  };
}

/**
 * How long a request of this class that came now would wait, ms: those of its class at the class's share of the pace, and no longer than
 * everybody takes. In the mean of its class; a short one waits less.
 */
export function predictedWaitMs(state: SchedulerState, classIndex: number, now: number): number {
  const { classes } = state.queue;
  const own = classes[Math.min(classes.length - 1, classIndex)] as ClassQueue;
  let all = 0;
  let weights = 0;
  for (const group of classes) {
    all += group.backlogMs;
    if (group.size > 0 || group === own) weights += group.weight;
  }
  return Math.min(all, (own.backlogMs * weights) / own.weight) / paceOf(state, now, countServing(state));
}

/** As it is seen now, or was seen last; before it ever was, a millisecond of work a millisecond and endpoint. */
function paceOf({ pace }: SchedulerState, now: number, serving: number): number {
  const seen = capacityOf(pace, now);
  const known = Number.isNaN(seen) ? pace.lastCapacity : seen;
  return known > 0 ? known : Math.max(1, serving);
}

function countServing({ book }: SchedulerState): number {
  let serving = 0;
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) if (book.limits(endpoint).isServing) serving += 1;
  return serving;
}
