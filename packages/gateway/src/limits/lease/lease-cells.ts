// The numbers of a lease, which stand in shared memory behind those of its counter. Workers take from what is at hand under the lock of
// the limits; the main thread fills it. Without a store infinitely much is at hand, and a lease costs a request one comparison.
import type { WindowPlace } from "@flyball/traffic";
import { LEASED_UNTIL, type LimitMemory } from "../limit-layout.ts";

/** What may still be taken; below 0 when a call used more than it had reserved. */
export const AT_HAND = 0;
/** What was taken of a rate and not used after all. */
export const GIVEN_BACK = 1;
/** With less at hand the main thread is to be rung. */
export const LOW_WATER = 2;
/** 1: it was rung and has not looked. */
export const WAS_RUNG = 3;
/** What calls wait for. */
export const NEEDED = 4;
/** Wall milliseconds at which the store has room again by itself, as far as is known. */
export const RETRY_AT = 5;
/** Wall milliseconds until which nobody is to wait for the store: it was asked just now and had nothing. */
export const DRY_UNTIL = 6;
/** Wall milliseconds at which the refill that is under way was asked for; 0: none is. */
export const ASKED_AT = 7;
/** Wall milliseconds at which the store said that it cannot lend what calls wait for; 0: it has lent it since. */
export const SHORT_AT = 8;
/** Refills for which what calls wait for was gathered. What a call asks for is in the next one. */
export const REFILLS = 9;
/** Number of the last refill that was answered, or will not be. */
export const ANSWERS = 10;
/** Numbers of a lease. */
const CELLS = 11;

/** Unused amounts go back to the store only while what was reported of them surely still counts there. */
const GIVE_BACK_MARGIN_MS = 5_000;

/** Whether the leases of this process have ended while its main thread was held up. */
export function isLapsed({ cells }: LimitMemory, now: number): boolean {
  const until = cells[LEASED_UNTIL] as number;
  return until !== 0 && now >= until;
}

/** Whether it is known that the store has nothing to lend now. */
export function isDry(cells: Float64Array, lease: number, now: number): boolean {
  return (cells[lease + DRY_UNTIL] as number) > now;
}

/** Everything of a lease is forgotten; so much is at hand. */
export function resetLease(cells: Float64Array, lease: number, atHand: number): void {
  cells.fill(0, lease, lease + CELLS);
  cells[lease + AT_HAND] = atHand;
}

/** A refill was answered, or will not be: whoever has a share in it tries again. */
export function endRefill(cells: Float64Array, lease: number, refill: number): void {
  cells[lease + ASKED_AT] = 0;
  cells[lease + ANSWERS] = refill;
}

/** Whoever waits for this lease tries again, under the lock. */
export function endAllRefills(cells: Float64Array, lease: number): void {
  const refill = (cells[lease + REFILLS] as number) + 1;
  cells[lease + REFILLS] = refill;
  endRefill(cells, lease, refill);
}

/** Whether unused amounts of a call that was first counted in this step can go back. */
export function mayGiveBack({ cells, at }: WindowPlace, firstStep: number, now: number): boolean {
  const stepMs = cells[at + 1] as number;
  return now - firstStep * stepMs < 60 * stepMs - GIVE_BACK_MARGIN_MS;
}
