// Calls of one worker that wait until the main thread has leased more of their limits. All that wait for the same refill share it and its
// time: 25 ms from when the store was asked. Time before that, while another refill of the limit is under way or the main thread is busy,
// is none of the store's; a call waits 50 ms at most, all in all. It is asked for once: a call tries again only when the refill that has its
// share was answered, or when what it wants lies at hand.
import type { CancelTimer, Clock } from "@flyball/core";
import { leaseAt, type LimitMemory } from "../limit-layout.ts";
import { ANSWERS, ASKED_AT, AT_HAND, SHORT_AT } from "./lease-cells.ts";
import type { AskedLease } from "./take-lease.ts";

/** The longest that calls wait for one refill, from when the store was asked for it. */
export const REFILL_WAIT_MS = 25;
/** The longest that a call waits, all refills and what comes before them together. */
export const LONGEST_WAIT_MS = 2 * REFILL_WAIT_MS;
/** A word of the store that is older says nothing of now. */
const FRESH_MS = 250;
/** Calls that wait at once in a worker; a further one is refused at once. */
const MAX_WAITING = 1_024;

/** All waiting of one call. */
export interface LeaseTurn {
  /** Wall milliseconds at which it began. */
  readonly since: number;
  /** Monotonic milliseconds at which it ends. */
  readonly until: number;
}

/** What becomes of a wait; one of both is called, once. */
export interface WaitEnd {
  /** What was asked for may lie at hand. */
  again(): void;
  /** The time is over: the last word of the store, if it is fresh, is that it cannot lend; or it is late. */
  over(why: "spent" | "late"): void;
}

/** The waiting calls. */
export interface LeaseWaiters {
  /** A call that has to wait for the first time. */
  begin(): LeaseTurn;
  /** Waits for what was asked for; the end comes at once when the time is over or too many wait. */
  wait(asked: readonly AskedLease[], turn: LeaseTurn, end: WaitEnd): void;
  /** The store has answered. */
  wake(): void;
}

interface Waiting {
  readonly asked: readonly AskedLease[];
  readonly turn: LeaseTurn;
  readonly end: WaitEnd;
  cancel: CancelTimer;
}

/** Creates it with nobody waiting. */
export function createLeaseWaiters(clock: Clock, { cells }: Pick<LimitMemory, "cells">): LeaseWaiters {
  const waiting = new Set<Waiting>();
  const isAnswered = ({ counter, amount, refill }: AskedLease): boolean => {
    const lease = leaseAt(counter);
    return (cells[lease + ANSWERS] as number) >= refill || (cells[lease + AT_HAND] as number) >= amount;
  };
  /** What is left of the call's own time and of that of each refill that it still waits for. */
  const leftMs = (asked: readonly AskedLease[], turn: LeaseTurn): number => {
    let left = turn.until - clock.monotonic();
    for (const each of asked) {
      const askedAt = cells[leaseAt(each.counter) + ASKED_AT] as number;
      if (askedAt !== 0 && !isAnswered(each)) left = Math.min(left, askedAt + REFILL_WAIT_MS - clock.now());
    }
    return left;
  };
  const why = (asked: readonly AskedLease[], { since }: LeaseTurn): "spent" | "late" =>
    asked.some(({ counter }) => (cells[leaseAt(counter) + SHORT_AT] as number) >= since - FRESH_MS) ? "spent" : "late";
  const check = (each: Waiting): void => {
    const left = leftMs(each.asked, each.turn);
    if (left > 0) {
      each.cancel = clock.after(Math.min(left, REFILL_WAIT_MS), () => check(each));
      return;
    }
    waiting.delete(each);
    if (each.asked.every(isAnswered)) each.end.again();
    else each.end.over(why(each.asked, each.turn));
  };
  return {
    begin: () => ({ since: clock.now(), until: clock.monotonic() + LONGEST_WAIT_MS }),
    wait(asked, turn, end) {
      if (waiting.size >= MAX_WAITING || leftMs(asked, turn) <= 0) {
        end.over(why(asked, turn));
        return;
      }
      const each: Waiting = { asked, turn, end, cancel: () => undefined };
      waiting.add(each);
      check(each);
    },
    wake() {
      // Who tries again in vain waits anew: that is for the next answer.
      for (const each of waiting.values().toArray()) {
        if (!each.asked.every(isAnswered)) continue;
        each.cancel();
        waiting.delete(each);
        each.end.again();
      }
    },
  };
}
