// What a pool scheduler consists of, as one record that its parts change.
import { createLeastLoad } from "../balance/least-load.ts";
import type { PeakLatency } from "../balance/peak-latency.ts";
import { createUsualWork, type UsualWork } from "../load/usual-work.ts";
import type { EndpointBook } from "./book/endpoint-book.ts";
import type { Reservation } from "./book/reservation.ts";
import { createFairShare, type FairShare } from "./order/fair-share.ts";
import { DEFAULT_ORDER } from "./order/order-options.ts";
import { createRequestQueue, type RequestQueue } from "./order/request-queue.ts";
import type { TenantQueue } from "./order/tenant-queue.ts";
import { createBarrenGround } from "./place/barren-ground.ts";
import { createClaim, type Claim } from "./place/claim.ts";
import { createFitSearch, type FitSearch } from "./place/find-fit.ts";
import { createPlacer, type Placer } from "./place/placer.ts";
import type { PoolSchedulerOptions } from "./pool-scheduler-options.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";

/** A request that was granted and has not ended. */
export interface GrantedRequest {
  readonly request: ScheduledRequest;
  readonly reservation: Reservation;
  readonly tenant: TenantQueue;
  /** Its place by arrival, for a recall. */
  readonly sequence: number;
  readonly grantedAt: number;
  readonly cachedTokens: number;
  /** What its tenant was charged. */
  readonly charge: number;
  hasToken: boolean;
}

/** The state of one pool's scheduler; changed in place. */
export interface SchedulerState {
  readonly options: PoolSchedulerOptions;
  readonly book: EndpointBook;
  readonly queue: RequestQueue;
  readonly placer: Placer;
  readonly granted: Map<number, GrantedRequest>;
  readonly claim: Claim;
  readonly search: FitSearch;
  /** Work granted while somebody waited: the pace at which the queue gets shorter. */
  readonly pace: FairShare;
  /** Work of those that came. */
  readonly usualWork: UsualWork;
  readonly latency: PeakLatency | undefined;
}

/** The state of a scheduler that nobody waits for. */
export function createSchedulerState(options: PoolSchedulerOptions): SchedulerState {
  const { book, latency } = options;
  const queue = createRequestQueue({ ...DEFAULT_ORDER, ...options.order });
  const placer = createPlacer({
    book,
    balancer: options.balancer ?? createLeastLoad(options.random),
    random: options.random,
    prefixes: options.prefixes,
    affinity: options.affinity,
    prefillBudgetMs: options.prefillBudgetMs,
    latencyMs: latency ? (endpoint) => latency.read(endpoint) : undefined,
  });
  return {
    options,
    book,
    queue,
    placer,
    granted: new Map(),
    claim: createClaim(),
    search: createFitSearch({ queue, room: placer.room, ground: createBarrenGround(book.size) }),
    pace: createFairShare(),
    usualWork: createUsualWork(),
    latency,
  };
}
