// When those who wait now will have been served: queue × service time ÷ concurrency (Little's law), or by what the pool was seen to do. It is
// the Retry-After of a refusal and the measure of whether a request can still meet its deadline.
import type { Random } from "@flyball/core";

/** A pool's queue as it is. */
export interface QueueView {
  readonly queued: number;
  /** Attempts under way beyond what the pool should have: they go first. */
  readonly surplus?: number;
  /** Requests that a full pool was seen to finish in a millisecond; 0: not known, then it follows from the next two. */
  readonly servedPerMs?: number;
  /** Mean time that a place is taken by one request; 0: not known. */
  readonly serviceMs: number;
  /** Requests that are worked on at once. */
  readonly concurrency: number;
}

/** Shortest and longest Retry-After that is answered. */
const SHORTEST_MS = 100;
const LONGEST_MS = 60_000;
/** Share that chance adds, so that those who were refused together do not come back together. */
const SPREAD = 0.25;

/** Milliseconds until a request that joins the queue now gets a place. */
export function predictWaitMs(queue: QueueView): number {
  return (queue.queued + (queue.surplus ?? 0)) * eachMs(queue);
}

/** Milliseconds in which one more of them is served. */
export function eachMs({ serviceMs, concurrency, servedPerMs = 0 }: QueueView): number {
  return servedPerMs > 0 ? 1 / servedPerMs : serviceMs / Math.max(1, concurrency);
}

/** Milliseconds after which a refused client should come again. */
export function retryAfterMs(queue: QueueView, random: Random): number {
  const drainMs = predictWaitMs({ ...queue, queued: queue.queued + 1 });
  return Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, drainMs)) * (1 + SPREAD * random()));
}
