// How long an ejected endpoint is left alone: each pause is twice the one before, up to a cap, and shortened by chance, so that workers
// and gateways do not probe at the same moment. The chance comes after the cap; before it, all would meet at the cap again.
import type { Random } from "@flyball/core";

/** Share of a pause that chance may take off. */
const JITTER = 0.2;

/** Milliseconds of the n-th pause in a row (0 is the first). */
export function pauseLengthMs(firstMs: number, capMs: number, nth: number, random: Random): number {
  const whole = Math.min(capMs, firstMs * 2 ** Math.min(nth, 30));
  return whole * (1 - JITTER * random());
}
