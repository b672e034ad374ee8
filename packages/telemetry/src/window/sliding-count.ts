// How many events happened in the last while: a ring of equal steps on an injected clock. Exact to one step; constant memory.
import type { Clock } from "@flyball/core";

/** A sliding count. */
export interface SlidingCount {
  add(amount?: number): void;
  /** Events of the last `windowMs`, the running step included. */
  total(): number;
}

/** Creates a count over `windowMs`, kept in `steps` steps. */
export function createSlidingCount(clock: Pick<Clock, "monotonic">, windowMs: number, steps = 10): SlidingCount {
  const ring = new Float64Array(steps);
  const stepMs = windowMs / steps;
  let current = Math.floor(clock.monotonic() / stepMs);
  const advance = (): void => {
    const step = Math.floor(clock.monotonic() / stepMs);
    const stale = Math.min(step - current, steps);
    for (let back = 0; back < stale; back += 1) ring[(step - back) % steps] = 0;
    if (step > current) current = step;
  };
  return {
    add(amount = 1) {
      advance();
      const slot = current % steps;
      ring[slot] = (ring[slot] ?? 0) + amount;
    },
    total() {
      advance();
      return ring.reduce((sum, value) => sum + value, 0);
    },
  };
}
