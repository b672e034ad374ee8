// How much of what could be served was served in time while a fault lasted. What could be served is told by the run itself: nine of ten of its
// seconds served no more. Of a load that all could be served it is near 1.
import { quantileOf } from "./quantile.ts";
import { isServed, latencyOf, type RequestRecord } from "./request-record.ts";

const LEAST_SECONDS = 3;
const BEST_SECONDS = 0.9;

/** Share from 0 to 1, over whole seconds between the two moments; undefined of a shorter time. */
export function judgeGoodput(
  requests: readonly RequestRecord[],
  span: { readonly from: number; readonly to: number; readonly slowMs: number },
): number | undefined {
  const seconds = Math.floor((span.to - span.from) / 1_000);
  if (seconds < LEAST_SECONDS) return undefined;
  const served = Array.from({ length: seconds }, () => 0);
  for (const record of requests) {
    const second = Math.floor((record.endedAt - span.from) / 1_000);
    if (second < 0 || second >= seconds || !isServed(record) || latencyOf(record) > span.slowMs) continue;
    served[second] = (served[second] ?? 0) + 1;
  }
  const best = quantileOf(served, BEST_SECONDS) ?? 0;
  const mean = served.reduce((sum, count) => sum + count, 0) / seconds;
  return best === 0 ? 0 : Math.min(1, mean / best);
}
