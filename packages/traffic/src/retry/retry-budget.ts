// How many retries a pool may get: a fifth of the requests of the last ten seconds, plus a floor so that a quiet pool can retry too.
// Without it an outage is multiplied by the number of attempts just when the pool is weakest. Attempts whose connection was refused
// are not counted: they cost the upstream nothing. No other attempt is exempt, so a pool is never sent more than 1.2 times what it was
// asked, plus the floor. What the window holds carries the death of an instance: with two of them everything that is under way at one, as
// long as answers take four seconds or a hundred are under way.

/** Retries per request that are always allowed (linkerd's default ratio). */
export const BUDGET_RATIO = 0.2;
/** Retries per second that are allowed whatever the traffic. */
export const BUDGET_FLOOR_PER_SECOND = 10;
const STEPS = 10;
const STEP_MS = 1_000;

/** The budget of one pool. */
export interface RetryBudget {
  /** A request came in. */
  onRequest(now: number): void;
  /** Takes one retry; false when the budget is spent. `now` is monotonic milliseconds. */
  tryTake(now: number): boolean;
}

/** Creates a budget. `floorPerSecond` is divided by the number of workers by the caller. Memory: two arrays of ten numbers. */
export function createRetryBudget(floorPerSecond: number = BUDGET_FLOOR_PER_SECOND): RetryBudget {
  const requests = new Float64Array(STEPS);
  const retries = new Float64Array(STEPS);
  let currentStep = 0;
  const advance = (now: number): number => {
    const step = Math.floor(now / STEP_MS);
    if (step > currentStep) {
      const stale = Math.min(step - currentStep, STEPS);
      for (let back = 0; back < stale; back += 1) {
        requests[(step - back) % STEPS] = 0;
        retries[(step - back) % STEPS] = 0;
      }
      currentStep = step;
    }
    return currentStep % STEPS;
  };
  return {
    onRequest(now) {
      const slot = advance(now);
      requests[slot] = (requests[slot] ?? 0) + 1;
    },
    tryTake(now) {
      const slot = advance(now);
      const allowed = sum(requests) * BUDGET_RATIO + floorPerSecond * STEPS;
      if (sum(retries) + 1 > allowed) return false;
      retries[slot] = (retries[slot] ?? 0) + 1;
      return true;
    },
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
