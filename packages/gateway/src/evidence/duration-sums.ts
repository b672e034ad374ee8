// Durations, summed without an object for each.
import type { DurationSums } from "@flyball/core";

/** Sums that grow in place. */
export type GrowingSums = { -readonly [Name in keyof DurationSums]: DurationSums[Name] };

/** Nothing so far. */
export function createSums(): GrowingSums {
  return { count: 0, sumMs: 0, maxMs: 0 };
}

/** Adds one. */
export function addDuration(sums: GrowingSums, ms: number): void {
  sums.count += 1;
  sums.sumMs += ms;
  if (ms > sums.maxMs) sums.maxMs = ms;
}

/** Adds other sums. */
export function mergeSums(sums: GrowingSums, more: DurationSums): void {
  sums.count += more.count;
  sums.sumMs += more.sumMs;
  if (more.maxMs > sums.maxMs) sums.maxMs = more.maxMs;
}

/** The sums as they are, and a fresh start. */
export function takeSums(sums: GrowingSums): DurationSums {
  const taken = { ...sums };
  sums.count = 0;
  sums.sumMs = 0;
  sums.maxMs = 0;
  return taken;
}
