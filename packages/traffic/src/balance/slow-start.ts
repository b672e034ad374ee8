// A new endpoint is not given its full share at once: caches are cold, code is not compiled, connections are not open. Its share rises
// in a straight line over a window (as Envoy's slow start with aggression 1).

/** The share that it begins with. */
const FIRST_SHARE = 0.1;

/** The share of its capacity that an endpoint may use so long after it began to serve (0.1–1); 1 without a window. */
export function rampShare(servingMs: number, windowMs: number): number {
  if (windowMs <= 0 || servingMs >= windowMs) return 1;
  return Math.max(FIRST_SHARE, servingMs / windowMs);
}
