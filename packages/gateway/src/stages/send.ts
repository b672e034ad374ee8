// One attempt at one endpoint: sends the request, watches its time limits, and settles it exactly once, whatever happens.
//
// Objects made per request have no getters: an accessor in an object literal gives each object a hidden class of its own, and all that
// the getter's closure reaches then lives until the next full collection.
import type { Duplex } from "node:stream";
import type { AttemptOutcome } from "@flyball/core";
import type { ResponseHead, UpstreamFailure, UpstreamHandler, UpstreamRequest } from "../upstream/upstream.ts";
import { noteFirstToken, type Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { startAttemptLimits, type AttemptLimits, type HitLimit, type LimitTimes } from "./attempt-limits.ts";
import type { Exchange } from "./exchange.ts";
import { settleAttempt, settleConnected, settleGood, settleHead, type AttemptInPlace } from "./settle.ts";

/** Why an attempt failed. */
export interface AttemptFailure {
  readonly kind: "refused" | "reset" | "timeout" | "unsendable";
  /** The time limit that was hit, if that was it. */
  readonly limit?: HitLimit;
  readonly wasSent: boolean;
  /** `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:4001`. */
  readonly reason: string;
}

/** What comes back. After `onEnd`, `onUpgraded` or `onFailure` nothing follows; after `cancel` nothing follows either. */
export interface AttemptHandler {
  onInformation(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  /** As in `UpstreamHandler`. */
  onBodyTaken?(): void;
  onEnd(): void;
  /** The attempt's place stays taken until `release` is called. */
  onUpgraded(head: ResponseHead, socket: Duplex, release: (outcome: AttemptOutcome) => void): void;
  onFailure(failure: AttemptFailure): void;
  /** The attempt is over, however it ended; called exactly once, before any other callback of that end. */
  onSettled?(outcome: AttemptOutcome, wasSent: boolean): void;
}

/** A running attempt. */
export interface Attempt {
  readonly endpoint: Endpoint;
  /** The request's body moves: the time limit for the first byte begins anew. */
  onBodyProgress(): void;
  /** Stops reading the response; the limit between two pieces rests. */
  pause(): void;
  resume(): void;
  /** The first content of a model's answer came: the endpoint works, and from now on the limit between two pieces holds. */
  onContent(): void;
  /** Ends it. `outcome` says what it means for the endpoint; `cancelled` unless given. */
  cancel(outcome?: AttemptOutcome, failure?: string): void;
}

/** What an attempt needs; the place on the endpoint is taken already. */
export interface AttemptOptions {
  readonly exchange: Exchange;
  readonly pool: Pool;
  readonly endpoint: Endpoint;
  /** What placing gave. */
  readonly ticket: number;
  /** In a scheduled pool: what is reserved for it. */
  readonly booking?: Booking | undefined;
  readonly request: UpstreamRequest;
  /** With `firstTokenMs` this limit holds over the headers, until `onContent`. */
  readonly timeouts: LimitTimes;
  /** Of a plain request the pool works only until the headers, as far as anybody can say. */
  readonly isPlain?: boolean;
  readonly handler: AttemptHandler;
}

/** Starts an attempt. */
export function startAttempt(options: AttemptOptions): Attempt {
  const { exchange, pool, endpoint, handler, ticket, booking } = options;
  const { context } = exchange;
  const place: AttemptInPlace = {
    context,
    pool,
    endpoint,
    ticket,
    booking,
    startedAt: context.clock.monotonic(),
    isInGate: true,
  };
  if (booking && options.isPlain !== true) {
    context.schedule?.reading.add(booking, options.timeouts.firstTokenMs !== undefined);
  }
  // A service may be slow because of one that it calls; only where its route has a class does that count as load.
  const isLearning = exchange.route?.priority !== undefined;
  let isSettled = false;
  let wasSent = false;
  let wasGood = false;

  const settle = (outcome: AttemptOutcome, failure?: string): void => {
    if (isSettled) return;
    isSettled = true;
    limits.clear();
    handler.onSettled?.(outcome, wasSent);
    settleAttempt(place, { outcome, wasSent, wasGood, failure });
  };
  const onGood = (): void => {
    if (wasGood || isSettled) return;
    wasGood = true;
    settleGood(place);
  };
  const fail = (failure: AttemptFailure): void => {
    settle(failure.kind === "unsendable" ? "cancelled" : failure.kind, failure.reason);
    handler.onFailure(failure);
  };
  const limits = startAttemptLimits(exchange, options.timeouts, (limit) => {
    call.cancel();
    const reason = `${limit.phase} limit of ${limit.limitMs} ms`;
    fail({ kind: wasSent ? "timeout" : "refused", limit, wasSent, reason });
  });
  const call = endpoint.upstream.send(options.request, {
    ...followResponse({
      handler,
      limits,
      settle,
      onGood,
      plain: options.isPlain === true ? place : undefined,
      isLearning,
    }),
    onSent() {
      wasSent = true;
      exchange.attemptsSent += 1;
      settleConnected(place);
      limits.enter(options.timeouts.firstTokenMs === undefined ? "first-byte" : "first-token");
    },
    onFailure: (failure) => fail(describe(failure)),
  });
  return {
    endpoint,
    onBodyProgress() {
      if (limits.phase === "first-byte") limits.enter("first-byte");
    },
    pause() {
      call.pause();
      limits.enter("rest");
    },
    resume() {
      limits.enter("gap");
      call.resume();
    },
    onContent() {
      if (limits.phase === "first-token") limits.enter("gap");
      noteFirstToken(context.schedule, booking);
      onGood();
    },
    cancel(outcome = "cancelled", failure) {
      if (isSettled) return;
      call.cancel();
      settle(outcome, failure);
    },
  };
}

/** What of a response goes to the handler, and what it means for the limits and the endpoint. */
function followResponse({
  handler,
  limits,
  settle,
  onGood,
  plain,
  isLearning,
}: {
  readonly handler: AttemptHandler;
  readonly limits: AttemptLimits;
  readonly settle: (outcome: AttemptOutcome, failure?: string) => void;
  readonly onGood: () => void;
  readonly plain: AttemptInPlace | undefined;
  readonly isLearning: boolean;
}): Omit<UpstreamHandler, "onSent" | "onFailure"> {
  let status = 0;
  return {
    onInformation: (head) => handler.onInformation(head),
    onHead(head) {
      status = head.status;
      if (plain) settleHead(plain, status, isLearning);
      if (limits.phase !== "first-token") {
        limits.enter("gap");
        if (status < 500) onGood();
      }
      handler.onHead(head);
    },
    onData(chunk) {
      if (limits.phase === "gap") limits.enter("gap");
      handler.onData(chunk);
    },
    onBodyTaken: () => handler.onBodyTaken?.(),
    onEnd() {
      // What the end means is the handler's to say; it may have settled the attempt otherwise.
      handler.onEnd();
      if (status >= 500) settle("server-error", `status ${status}`);
      else settle("succeeded");
    },
    onUpgraded(head, socket) {
      limits.clear();
      if (plain) settleHead(plain, head.status, isLearning);
      handler.onUpgraded(head, socket, settle);
    },
  };
}

function describe(failure: UpstreamFailure): AttemptFailure {
  const reason = `${failure.code}: ${failure.message}`;
  if (failure.isUnsendable) return { kind: "unsendable", wasSent: false, reason };
  return { kind: failure.wasSent ? "reset" : "refused", wasSent: failure.wasSent, reason };
}
