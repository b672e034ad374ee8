// One attempt at one endpoint: sends the request, watches its time limits, and settles it exactly once, whatever happens.
//
// Objects made per request have no getters: an accessor in an object literal gives each object a hidden class of its own, and all that
// the getter's closure reaches then lives until the next full collection.
import type { Duplex } from "node:stream";
import type { AttemptOutcome } from "@flyball/core";
import { addTime } from "@flyball/traffic";
import type { ResponseHead, UpstreamFailure, UpstreamHandler, UpstreamRequest } from "../upstream/upstream.ts";
import { addDuration } from "../evidence/duration-sums.ts";
import { addPiece } from "../evidence/endpoint-evidence.ts";
import { enterList, leaveList, RunningAttempt, type Movable } from "../evidence/running-attempts.ts";
import type { UsualWaits } from "../evidence/usual-waits.ts";
import { noteFirstToken, type Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { startAttemptLimits, type AttemptLimits, type HitLimit, type LimitTimes } from "./attempt-limits.ts";
import type { Exchange } from "./exchange.ts";
import { judgeSlowProbe } from "./eject.ts";
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
export interface AttemptHandler extends Movable {
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
  const running = new RunningAttempt(ticket, usualWaitsOf(options), handler);
  let isSettled = false;
  let wasSent = false;
  let wasGood = false;

  const settle = (outcome: AttemptOutcome, failure?: string): void => {
    if (isSettled) return;
    isSettled = true;
    limits.clear();
    leaveList(endpoint.running, running);
    if (outcome === "succeeded") learnSilence(place, running);
    handler.onSettled?.(outcome, wasSent);
    settleAttempt(place, { outcome, wasSent, wasGood, failure });
  };
  const onGood = (): void => {
    if (wasGood || isSettled) return;
    wasGood = true;
    if (!judgeSlowProbe(place, limits.lastedMs)) settleGood(place);
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
  running.limits = limits;
  enterList(endpoint.running, running);
  const call = endpoint.upstream.send(options.request, {
    ...followResponse({
      handler,
      running,
      limits,
      settle,
      onGood,
      place,
      plain: options.isPlain === true ? place : undefined,
      isLearning,
    }),
    onSent(isNewConnection) {
      wasSent = true;
      exchange.attemptsSent += 1;
      settleConnected(place);
      limits.enter(options.timeouts.firstTokenMs === undefined ? "first-byte" : "first-token");
      if (isNewConnection) addDuration(endpoint.evidence.connect, limits.lastedMs);
    },
    onFailure: (failure) => fail(describe(failure)),
  });
  running.call = call;
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
      if (limits.phase === "first-token") {
        limits.enter("gap");
        noteFirstByte(place, running, limits);
      }
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
  running,
  limits,
  settle,
  onGood,
  place,
  plain,
  isLearning,
}: {
  readonly handler: AttemptHandler;
  readonly running: RunningAttempt;
  readonly limits: AttemptLimits;
  readonly settle: (outcome: AttemptOutcome, failure?: string) => void;
  readonly onGood: () => void;
  readonly place: AttemptInPlace;
  readonly plain: AttemptInPlace | undefined;
  readonly isLearning: boolean;
}): Omit<UpstreamHandler, "onSent" | "onFailure"> {
  let status = 0;
  return {
    onInformation: (head) => handler.onInformation(head),
    onHead(head) {
      status = head.status;
      if (plain) settleHead(plain, status, isLearning);
      if (plain && status === 429) place.endpoint.evidence.rateLimited += 1;
      if (limits.phase !== "first-token") {
        limits.enter("gap");
        if (status < 400) noteFirstByte(place, running, limits);
        else place.endpoint.movedAt = limits.enteredAt;
        if (status < 500) onGood();
      }
      handler.onHead(head);
    },
    onData(chunk) {
      if (limits.phase === "gap") {
        limits.enter("gap");
        notePiece(place.endpoint, running, chunk.length);
      }
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
      leaveList(place.endpoint.running, running);
      if (plain) settleHead(plain, head.status, isLearning);
      handler.onUpgraded(head, socket, settle);
    },
  };
}

function usualWaitsOf({ exchange, pool, timeouts }: AttemptOptions): UsualWaits {
  if (exchange.call === undefined) return pool.usual.of("plain", exchange.route?.id ?? "");
  return pool.usual.of(timeouts.firstTokenMs === undefined ? "whole" : "stream", exchange.call.model.name);
}

/** The first byte of an answer came, or the first content of a stream. An endpoint that is ejected does not tell what is usual. */
function noteFirstByte({ endpoint }: AttemptInPlace, { usual }: RunningAttempt, limits: AttemptLimits): void {
  endpoint.movedAt = limits.enteredAt;
  addDuration(endpoint.evidence.firstToken, limits.lastedMs);
  if (endpoint.breaker.phase === "closed") addTime(usual.firstByte, limits.lastedMs);
}

/** A piece came. What is read with the head, or with the first content, ends no silence. */
function notePiece(endpoint: Endpoint, running: RunningAttempt, bytes: number): void {
  const { limits, usual } = running;
  if (limits === undefined) return;
  endpoint.movedAt = limits.enteredAt;
  running.pieces += 1;
  const isSilence = running.pieces > 1 && usual.silence !== undefined;
  addPiece(endpoint.evidence, bytes, isSilence ? limits.lastedMs : undefined);
  if (isSilence && limits.lastedMs > running.longestSilenceMs) running.longestSilenceMs = limits.lastedMs;
}

function learnSilence({ endpoint }: AttemptInPlace, { pieces, usual, longestSilenceMs }: RunningAttempt): void {
  if (pieces < 2 || usual.silence === undefined || endpoint.breaker.phase !== "closed") return;
  addTime(usual.silence, longestSilenceMs);
}

function describe(failure: UpstreamFailure): AttemptFailure {
  const reason = `${failure.code}: ${failure.message}`;
  if (failure.isUnsendable) return { kind: "unsendable", wasSent: false, reason };
  return { kind: failure.wasSent ? "reset" : "refused", wasSent: failure.wasSent, reason };
}
