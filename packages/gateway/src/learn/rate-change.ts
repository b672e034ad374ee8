// How far two prices of an endpoint are apart.
import type { WorkRates } from "@flyball/traffic";

/** The largest relative change of a part, 0 for the same; Infinity where a part has come out of nothing. */
export function rateChange(before: WorkRates, after: WorkRates): number {
  return Math.max(
    change(before.prefillMs, after.prefillMs),
    change(before.decodeMs, after.decodeMs),
    change(before.contextMs, after.contextMs),
  );
}

function change(before: number, after: number): number {
  if (before === after) return 0;
  return before > 0 ? Math.abs(after - before) / before : Number.POSITIVE_INFINITY;
}
