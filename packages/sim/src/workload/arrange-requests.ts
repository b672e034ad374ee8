// The last step of making a workload: several lists become one, on one axis of time.
import type { TraceRequest } from "../trace/trace-request.ts";

/** One list by arrival, with ids from 0. Equal arrivals stay in the order of the lists. */
export function mergeRequests(...lists: readonly (readonly TraceRequest[])[]): readonly TraceRequest[] {
  return lists
    .flat()
    .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
    .map((request, id) => ({ ...request, id }));
}

/** All times multiplied: by 0.5, the requests come twice as fast. */
export function stretchTime(requests: readonly TraceRequest[], factor: number): readonly TraceRequest[] {
  return requests.map((request) => ({ ...request, arrivedAt: request.arrivedAt * factor }));
}

/** Those that arrive in [fromMs, toMs), from 0, with ids from 0. */
export function cutWindow(requests: readonly TraceRequest[], fromMs: number, toMs: number): readonly TraceRequest[] {
  return requests
    .filter(({ arrivedAt }) => arrivedAt >= fromMs && arrivedAt < toMs)
    .map((request, id) => ({ ...request, id, arrivedAt: request.arrivedAt - fromMs }));
}
