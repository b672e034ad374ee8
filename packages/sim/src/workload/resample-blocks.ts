// New arrivals from one trace: the moving-block bootstrap. Stretches of a minute are drawn anywhere in the trace, with replacement, and put one
// after another, so that what happens within a minute (bursts, who asks) stays as it was, and each seed gets another hour.
import type { Random } from "@flyball/core";
import type { TraceRequest } from "../trace/trace-request.ts";

/** How much is drawn. */
export interface BlockDraw {
  readonly random: Random;
  /** Length of a stretch; a minute keeps bursts whole. */
  readonly blockMs: number;
  readonly blocks: number;
}

/**
 * Requests by arrival, from 0. Not for traces with prefix blocks: a stretch drawn twice would invent sharing.
 */
export function resampleBlocks(requests: readonly TraceRequest[], draw: BlockDraw): readonly TraceRequest[] {
  const { random, blockMs, blocks } = draw;
  const first = requests[0]?.arrivedAt ?? 0;
  const spanMs = Math.max(0, (requests.at(-1)?.arrivedAt ?? 0) - first - blockMs);
  const drawn: TraceRequest[] = [];
  for (let block = 0; block < blocks; block += 1) {
    const from = first + random() * spanMs;
    for (let index = firstAtOrAfter(requests, from); index < requests.length; index += 1) {
      const request = requests[index] as TraceRequest;
      if (request.arrivedAt >= from + blockMs) break;
      drawn.push({ ...request, id: drawn.length, arrivedAt: block * blockMs + request.arrivedAt - from });
    }
  }
  return drawn;
}

/** Place of the first request that arrives then or later. */
export function firstAtOrAfter(requests: readonly TraceRequest[], at: number): number {
  let low = 0;
  let high = requests.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((requests[middle] as TraceRequest).arrivedAt < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
