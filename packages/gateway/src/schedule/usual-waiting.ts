// How much waits in this worker for a scheduled pool, by its predicted work: what the pool's load counts.
import type { PoolQueue } from "./pool-queue.ts";

/** Those who wait as usual requests: one of twice the usual work is two. O(requests that wait). */
export function usualWaiting({ waiting, usualWork }: PoolQueue): number {
  let workMs = 0;
  for (const { request } of waiting.values()) workMs += request.workMs;
  return usualWork.countOf(workMs, waiting.size);
}
