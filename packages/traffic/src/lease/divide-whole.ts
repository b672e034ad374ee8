// How several who share a whole divide it: by max-min fairness, in whole units. Who asks for no more than an equal part gets what he asks for;
// what such leave is divided equally among those who ask for more (Bertsekas and Gallager, Data Networks, 6.5.2). What nobody asks for is
// divided equally too, so that whoever is asked next has some at hand.

/** What one of them asks for. */
export interface PartAsk {
  /** Units, a whole number. */
  readonly demand: number;
  /** He gets what he asks for and nothing to spare. */
  readonly isLeaving: boolean;
  /** Who has more of it comes first where units are left that cannot be divided; of equals the first in the list. */
  readonly turn: number;
}

/** What those get who ask for more than there is for each, a fraction maybe; Infinity when there is enough for all. */
export function fairLevel(whole: number, demands: readonly number[]): number {
  const sorted = demands.toSorted((left, right) => left - right);
  let left = Math.max(0, whole);
  for (const [place, demand] of sorted.entries()) {
    const level = left / (sorted.length - place);
    if (demand > level) return level;
    left -= demand;
  }
  return Number.POSITIVE_INFINITY;
}

/** The parts, in the order of the asks. They add up to the whole, or to less where all who share it leave. O(n log n). */
export function divideWhole(whole: number, asks: readonly PartAsk[]): number[] {
  const demands = asks.map(({ demand }) => demand);
  const level = fairLevel(whole, demands);
  const isEnough = level === Number.POSITIVE_INFINITY;
  const parts = demands.map((demand) => (demand > level ? 0 : demand));
  const left = Math.max(0, whole) - parts.reduce((sum, part) => sum + part, 0);
  const among = [...asks.entries()].filter(([, { demand, isLeaving }]) => (isEnough ? !isLeaving : demand > level));
  const each = Math.floor(left / Math.max(1, among.length));
  const rest = left - each * among.length;
  // Of what is to spare, whoever asks for least has it, so that he has something at hand.
  const inTurn = among.toSorted(
    ([one, left], [other, right]) => (isEnough ? left.demand - right.demand : right.turn - left.turn) || one - other,
  );
  for (const [place, [index]] of inTurn.entries())
    parts[index] = (parts[index] as number) + each + (place < rest ? 1 : 0);
  return parts;
}
