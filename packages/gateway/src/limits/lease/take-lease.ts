// A worker's side of a lease, under the lock of the limits: it takes from what is at hand, says when that becomes low, and asks for what
// its calls wait for. Whether the main thread has to be told is the answer; it is told once until it has looked.
import { leaseAt, type LimitMemory } from "../limit-layout.ts";
import { AT_HAND, isDry, isLapsed, LOW_WATER, NEEDED, REFILLS, SHORT_AT, WAS_RUNG } from "./lease-cells.ts";

/** After the store said that it cannot lend, a limit counts as spent for so long where nothing can wait for the next answer. */
const SPENT_MS = 1_000;

/** What costs nothing needs no lease. */
export function isAtHand(memory: LimitMemory, counter: number, amount: number, now: number): boolean {
  if (amount === 0) return true;
  const atHand = memory.cells[leaseAt(counter) + AT_HAND] as number;
  return atHand === Number.POSITIVE_INFINITY || (amount <= atHand && !isLapsed(memory, now));
}

/** Takes it; whether so little is left that the main thread is to be told. */
export function takeFromLease(memory: LimitMemory, counter: number, amount: number): boolean {
  const at = leaseAt(counter) + AT_HAND;
  const atHand = memory.cells[at] as number;
  if (atHand === Number.POSITIVE_INFINITY) return false;
  memory.cells[at] = atHand - amount;
  return isLow(memory, counter, 0);
}

/** Whether the main thread is to be told that less than the low water, or than `next`, is at hand. */
export function isLow({ cells }: LimitMemory, counter: number, next: number): boolean {
  const lease = leaseAt(counter);
  const atHand = cells[lease + AT_HAND] as number;
  if (atHand >= Math.max(cells[lease + LOW_WATER] as number, next) || cells[lease + WAS_RUNG] !== 0) return false;
  cells[lease + WAS_RUNG] = 1;
  if (atHand < next) cells[lease + NEEDED] = (cells[lease + NEEDED] as number) + next - atHand;
  return true;
}

/** What a call has asked for of one lease. */
export interface AskedLease {
  /** Index of its counter. */
  readonly counter: number;
  readonly amount: number;
  /** Number of the refill that has it. */
  readonly refill: number;
  /** The main thread is to be told. */
  readonly isToTell: boolean;
}

/** Asks for what a call waits for. */
export function askForLease({ cells }: LimitMemory, counter: number, amount: number): AskedLease {
  const lease = leaseAt(counter);
  cells[lease + NEEDED] = (cells[lease + NEEDED] as number) + amount;
  const wasRung = cells[lease + WAS_RUNG] !== 0;
  cells[lease + WAS_RUNG] = 1;
  return { counter, amount, refill: (cells[lease + REFILLS] as number) + 1, isToTell: !wasRung };
}

/** Whether the store itself has said a moment ago that there is no more. */
export function isKnownSpent({ cells }: LimitMemory, counter: number, now: number): boolean {
  const lease = leaseAt(counter);
  return isDry(cells, lease, now) || now - (cells[lease + SHORT_AT] as number) < SPENT_MS;
}
