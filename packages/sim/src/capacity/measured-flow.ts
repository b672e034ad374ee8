// Little's law on a run: what was in the system on average, what went through, and how long each was there, each counted on its own.
import { OUTCOME } from "../metrics/outcomes.ts";
import type { SimulationResult } from "../simulate.ts";
import type { TraceRequest } from "../trace/trace-request.ts";

/** Over the time in which requests arrive. N = X × R, but for what is in the system at its end. */
export interface MeasuredFlow {
  /** Requests in the system, averaged over time (N). */
  readonly inSystem: number;
  /** Requests that ended well in that time, per second (X). */
  readonly requestsPerSecond: number;
  /** Mean of arrival to last token, ms (R). */
  readonly latencyMs: number;
}

/** Counts a run. */
export function measureFlow({ outcomes }: SimulationResult, requests: readonly TraceRequest[]): MeasuredFlow {
  const endMs = requests.at(-1)?.arrivedAt ?? 0;
  let presenceMs = 0;
  let ended = 0;
  let latencyMs = 0;
  let served = 0;
  for (const { id, arrivedAt } of requests) {
    if (outcomes.state[id] !== OUTCOME.done) continue;
    const endAt = outcomes.endAt[id] as number;
    presenceMs += Math.min(endAt, endMs) - arrivedAt;
    latencyMs += endAt - arrivedAt;
    served += 1;
    if (endAt <= endMs) ended += 1;
  }
  return {
    inSystem: endMs === 0 ? 0 : presenceMs / endMs,
    requestsPerSecond: endMs === 0 ? 0 : (ended * 1_000) / endMs,
    latencyMs: served === 0 ? Number.NaN : latencyMs / served,
  };
}
