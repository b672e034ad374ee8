// A pool of slots that serve one request each, in the time that its true work takes: what a scheduler's order does to waits, without an engine.
import { seededRandom } from "@flyball/fakes";
import { createCellBook } from "../book/cell-book.ts";
import { NO_LIMIT } from "../book/endpoint-limits.ts";
import type { OrderOptions } from "../order/order-options.ts";
import { createPoolScheduler } from "../pool-scheduler.ts";
import type { ScheduledRequest } from "../scheduled-request.ts";

/** Requests by arrival, and how long each really takes. `id` is the place in the list. */
export interface QueueWork {
  readonly slots: number;
  readonly requests: readonly ScheduledRequest[];
  readonly serviceMs: readonly number[];
}

interface Running {
  readonly request: ScheduledRequest;
  readonly endsAt: number;
}

/** Serves them all; the wait of each, ms, by id. */
export function serveQueue({ slots, requests, serviceMs }: QueueWork, order: Partial<OrderOptions>): Float64Array {
  const book = createCellBook({ endpoints: 1, rows: 1 });
  const rates = { prefillMs: 0.1, decodeMs: 0.3, contextMs: 0 };
  const none = { prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT };
  book.setLimits(0, { ...none, activeCap: slots, weight: 1, rates, isServing: true });
  const scheduler = createPoolScheduler({ book, random: seededRandom(1), order, maxQueued: requests.length });
  const waits = new Float64Array(requests.length);
  // The one that ends first is last.
  const running: Running[] = [];
  const grantAll = (now: number): void => {
    for (let grant = scheduler.grant(now); grant; grant = scheduler.grant(now)) {
      const { request } = grant;
      waits[request.id] = now - request.arrivedAt;
      const endsAt = now + (serviceMs[request.id] as number);
      let place = running.length;
      while (place > 0 && (running[place - 1] as Running).endsAt < endsAt) place -= 1;
      running.splice(place, 0, { request, endsAt });
    }
  };
  for (let next = 0; next < requests.length || running.length > 0;) {
    const arriving = requests[next];
    const ending = running.at(-1);
    if (arriving !== undefined && (ending === undefined || arriving.arrivedAt <= ending.endsAt)) {
      next += 1;
      scheduler.arrive(arriving, arriving.arrivedAt);
      grantAll(arriving.arrivedAt);
    } else if (ending !== undefined) {
      running.pop();
      scheduler.end(ending.request, ending.request.outputTokens, ending.endsAt);
      grantAll(ending.endsAt);
    }
  }
  return waits;
}
