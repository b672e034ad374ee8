// The requests that our router has in hand, and what it learns by looking at those that are being answered.
import type { EndpointBook, OutputPrediction, PoolScheduler, ScheduledRequest } from "@flyball/traffic";
import type { SimRequest } from "../../trace/trace-request.ts";
import type { World } from "../policy.ts";
import type { RateBook } from "./rate-book.ts";

/** A request that waits in the scheduler or runs. */
export interface Call {
  readonly request: SimRequest;
  readonly scheduled: ScheduledRequest;
  readonly prediction: OutputPrediction;
  sentAt: number;
  replica: number;
  /** Uncached prompt tokens in flight on the replica when it was sent, its own included. */
  prefillAhead: number;
  hasToken: boolean;
  delivered: number;
  /** Tokens of which the scheduler was told last. */
  told: number;
}

/** The scheduler is told of every so many tokens of an answer. */
const TELL_EVERY = 32;

/** One that has just arrived. */
export function createCall(request: SimRequest, scheduled: ScheduledRequest, prediction: OutputPrediction): Call {
  const unsent = { sentAt: 0, replica: -1, prefillAhead: 0, hasToken: false, delivered: 0, told: 0 };
  return { request, scheduled, prediction, ...unsent };
}

/** What a look is made with. */
export interface CallWatch {
  readonly world: World;
  readonly book: EndpointBook;
  readonly scheduler: PoolScheduler;
  readonly rates: RateBook;
  /** Since the look before, ms. */
  readonly sinceMs: number;
}

/** What a gateway learns from the streams that pass through it: how far each is, and how fast each replica writes. */
export function watchCalls(calls: Iterable<Call>, watch: CallWatch, now: number): void {
  const { world, book, scheduler, rates, sinceMs } = watch;
  const writing = world.replicas.map(() => ({ requests: 0, tokens: 0, contextTokens: 0 }));
  for (const call of calls) {
    if (!call.hasToken) continue;
    const delivered = world.delivered(call.request);
    const sum = writing[call.replica];
    if (sum !== undefined && call.delivered > 0) {
      sum.requests += 1;
      sum.tokens += delivered - call.delivered;
      sum.contextTokens += call.request.inputTokens + delivered;
    }
    call.delivered = delivered;
    if (delivered - call.told < TELL_EVERY) continue;
    call.told = delivered;
    scheduler.progress(call.scheduled, delivered, now);
  }
  for (const [replica, { requests, tokens, contextTokens }] of writing.entries()) {
    if (tokens === 0) continue;
    const itlMs = (sinceMs * requests) / tokens;
    const active = book.active(replica);
    const isReading = book.prefillTokens(replica) > 0;
    rates.addTokenGap(replica, { running: requests, active, contextTokens, itlMs, isReading }, now);
  }
}
