// How a pool scheduler is made.
import type { Random } from "@flyball/core";
import type { AffinityOptions } from "../affinity/affinity-filter.ts";
import type { PrefixIndex } from "../affinity/prefix-index.ts";
import type { Balancer } from "../balance/balancer.ts";
import type { PeakLatency } from "../balance/peak-latency.ts";
import type { EndpointBook } from "./book/endpoint-book.ts";
import type { OrderOptions } from "./order/order-options.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

/** What is known of a request that has brought so many tokens. */
export interface RemainingEstimate {
  /** Work that is left, ms on the reference endpoint. */
  readonly workMs: number;
  /** Tokens of its whole answer that memory is reserved for. */
  readonly outputTokensHigh: number;
}

/** Options; whatever is not given has its default. */
export interface PoolSchedulerOptions {
  readonly book: EndpointBook;
  readonly random: Random;
  /** What of the order is not as `DEFAULT_ORDER`. */
  readonly order?: Partial<OrderOptions>;
  /** Default: least own load. */
  readonly balancer?: Balancer;
  /** What the endpoints' prefix caches hold; without it no prompt is known anywhere. */
  readonly prefixes?: PrefixIndex;
  readonly affinity?: AffinityOptions;
  /** Prompts of so much of its own time are a full load of an endpoint, ms; default 1,000. */
  readonly prefillBudgetMs?: number;
  /** Requests that wait at most; default 10,000. Beyond it the youngest of the lowest class has to leave. */
  readonly maxQueued?: number;
  /** Time to the first token that even an empty prompt takes, ms: the deadline guard reckons with it; default 100. */
  readonly leastTtftMs?: number;
  /** Latencies to be learned, for a balancer that asks for them. */
  readonly latency?: PeakLatency;
  /** Looks anew at a request that has brought tokens; without it the rest of the prediction is taken. */
  readonly reestimate?: (request: ScheduledRequest, deliveredTokens: number) => RemainingEstimate;
}
