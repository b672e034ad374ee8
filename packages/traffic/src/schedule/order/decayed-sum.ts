// A sum that forgets: what was added counts less the longer it is past. Kept as one number and the time at which it was right.

/** Added amounts, fading; changed in place. */
export interface DecayedSum {
  value: number;
  at: number;
}

/** Adds an amount at a time; earlier ones have faded since. */
export function addDecayed(sum: DecayedSum, amount: number, now: number, memoryMs: number): void {
  sum.value = readDecayed(sum, now, memoryMs) + amount;
  sum.at = now;
}

/** The sum as it is now. */
export function readDecayed(sum: DecayedSum, now: number, memoryMs: number): number {
  return now <= sum.at ? sum.value : sum.value * Math.exp((sum.at - now) / memoryMs);
}
