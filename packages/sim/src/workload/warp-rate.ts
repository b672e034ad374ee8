// A rate that changes over time: requests drawn at a steady rate are moved so that they come the faster, the higher the rate of the moment.
import type { TraceRequest } from "../trace/trace-request.ts";

const STEP_MS = 1_000;

/**
 * `factorAt` gives the rate as a multiple of the steady one. The list has to be long enough for what is asked for until `endMs`; what is left over
 * is dropped.
 */
export function warpRate(
  requests: readonly TraceRequest[],
  factorAt: (ms: number) => number,
  endMs: number,
): readonly TraceRequest[] {
  const warped: TraceRequest[] = [];
  let steady = 0;
  let next = 0;
  for (let now = 0; now < endMs; now += STEP_MS) {
    const factor = factorAt(now);
    const until = steady + STEP_MS * factor;
    for (; next < requests.length; next += 1) {
      const request = requests[next] as TraceRequest;
      if (request.arrivedAt >= until) break;
      warped.push({ ...request, id: warped.length, arrivedAt: now + (request.arrivedAt - steady) / factor });
    }
    steady = until;
  }
  return warped;
}
