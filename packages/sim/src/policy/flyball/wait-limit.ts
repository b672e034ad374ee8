// The longest wait of a gateway (`max_wait`), in simulation: who would wait longer is refused at once, who has waited longer is refused then. Its
// shedder and its latency gates are not here.
import { predictWaitMs } from "@flyball/traffic";
import type { SimRequest } from "../../trace/trace-request.ts";

/** Those who wait, in order of arrival. Bounded by the requests of the run. */
export interface WaitLimit {
  /** Whether one more may wait behind so many, where so many are worked on at once. */
  admits(queued: number, concurrency: number): boolean;
  wait(request: SimRequest, now: number): void;
  /** The next one who has waited too long, as far as `isWaiting` says that it still does. */
  nextOverdue(now: number, isWaiting: (request: SimRequest) => boolean): SimRequest | undefined;
  /** One had its place for so long. */
  served(tookMs: number): void;
}

/** Share of the newest in the mean time that a place is taken, as in the gateway's gates. */
const SERVICE_WEIGHT = 0.05;

/** Nobody waits yet. */
export function createWaitLimit(maxWaitMs: number): WaitLimit {
  const waiting: { readonly request: SimRequest; readonly until: number }[] = [];
  let head = 0;
  let serviceMs = 0;
  return {
    admits: (queued, concurrency) => predictWaitMs({ queued, serviceMs, concurrency }) <= maxWaitMs,
    wait: (request, now) => void waiting.push({ request, until: now + maxWaitMs }),
    nextOverdue(now, isWaiting) {
      for (let first = waiting[head]; first !== undefined && first.until <= now; first = waiting[head]) {
        head += 1;
        if (isWaiting(first.request)) return first.request;
      }
      return undefined;
    },
    served(tookMs) {
      serviceMs = serviceMs === 0 ? tookMs : serviceMs + SERVICE_WEIGHT * (tookMs - serviceMs);
    },
  };
}
