// One attempt at one endpoint: sends the request, watches its time limits, and settles it exactly once, whatever happens.
//
// Objects made per request have no getters: an accessor in an object literal gives each object a hidden class of its own, and all that
// the getter's closure reaches then lives until the next full collection.
import type { Duplex } from "node:stream";
import type { AttemptOutcome } from "@flyball/core";
import { addTime } from "@flyball/traffic";
import type {
  ResponseHead,
  UpstreamCall,
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
} from "../upstream/upstream.ts";
import { addDuration } from "../evidence/duration-sums.ts";
import { addPiece } from "../evidence/endpoint-evidence.ts";
import { enterList, leaveList, RunningAttempt, type Movable } from "../evidence/running-attempts.ts";
import type { UsualWaits } from "../evidence/usual-waits.ts";
import { noteFirstToken, type Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { AttemptLimits, type HitLimit, type LimitTimes } from "./attempt-limits.ts";
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
  const attempt = new StartedAttempt(options);
  attempt.start();
  return attempt;
}

/** One object hears the upstream and is what the caller holds: closures for each of these would cost several times as much. */
class StartedAttempt implements Attempt, UpstreamHandler {
  readonly endpoint: Endpoint;
  readonly #options: AttemptOptions;
  readonly #place: AttemptInPlace;
  readonly #limits: AttemptLimits;
  readonly #running: RunningAttempt;
  #call: UpstreamCall | undefined;
  #status = 0;
  #isSettled = false;
  #wasSent = false;
  #wasGood = false;

  constructor(options: AttemptOptions) {
    const { exchange, pool, endpoint, ticket, booking } = options;
    const { context } = exchange;
    this.endpoint = endpoint;
    this.#options = options;
    const startedAt = context.clock.monotonic();
    this.#place = { context, pool, endpoint, ticket, booking, startedAt, isInGate: true };
    this.#limits = new AttemptLimits(exchange, options.timeouts, (limit) => this.#onLimit(limit));
    this.#running = new RunningAttempt(ticket, usualWaitsOf(options), options.handler);
    this.#running.limits = this.#limits;
  }

  start(): void {
    const { exchange, booking, isPlain, timeouts, endpoint, request } = this.#options;
    if (booking && isPlain !== true) {
      exchange.context.schedule?.reading.add(booking, timeouts.firstTokenMs !== undefined);
    }
    this.#limits.enter("connect");
    enterList(endpoint.running, this.#running);
    this.#call = endpoint.upstream.send(request, this);
    this.#running.call = this.#call;
  }

  onBodyProgress(): void {
    if (this.#limits.phase === "first-byte") this.#limits.enter("first-byte");
  }

  pause(): void {
    this.#call?.pause();
    this.#limits.enter("rest");
  }

  resume(): void {
    this.#limits.enter("gap");
    this.#call?.resume();
  }

  onContent(): void {
    const { exchange, booking } = this.#options;
    if (this.#limits.phase === "first-token") {
      this.#limits.enter("gap");
      this.#noteFirstByte();
    }
    noteFirstToken(exchange.context.schedule, booking);
    this.#onGood();
  }

  cancel(outcome: AttemptOutcome = "cancelled", failure?: string): void {
    if (this.#isSettled) return;
    this.#call?.cancel();
    this.#settle(outcome, failure);
  }

  onSent(isNewConnection: boolean): void {
    const { exchange, timeouts, endpoint } = this.#options;
    this.#wasSent = true;
    exchange.attemptsSent += 1;
    settleConnected(this.#place);
    this.#limits.enter(timeouts.firstTokenMs === undefined ? "first-byte" : "first-token");
    if (isNewConnection) addDuration(endpoint.evidence.connect, this.#limits.lastedMs);
  }

  onInformation(head: ResponseHead): void {
    this.#options.handler.onInformation(head);
  }

  onHead(head: ResponseHead): void {
    this.#status = head.status;
    this.#settlePlainHead(head.status);
    if (this.#options.isPlain === true && head.status === 429) this.endpoint.evidence.rateLimited += 1;
    if (this.#limits.phase !== "first-token") {
      this.#limits.enter("gap");
      if (head.status < 400) this.#noteFirstByte();
      else this.endpoint.movedAt = this.#limits.enteredAt;
      if (head.status < 500) this.#onGood();
    }
    this.#options.handler.onHead(head);
  }

  onData(chunk: Buffer): void {
    if (this.#limits.phase === "gap") {
      this.#limits.enter("gap");
      this.#notePiece(chunk.length);
    }
    this.#options.handler.onData(chunk);
  }

  onBodyTaken(): void {
    this.#options.handler.onBodyTaken?.();
  }

  onEnd(): void {
    // What the end means is the handler's to say; it may have settled the attempt otherwise.
    this.#options.handler.onEnd();
    if (this.#status >= 500) this.#settle("server-error", `status ${this.#status}`);
    else this.#settle("succeeded");
  }

  onUpgraded(head: ResponseHead, socket: Duplex): void {
    this.#limits.clear();
    leaveList(this.endpoint.running, this.#running);
    this.#settlePlainHead(head.status);
    this.#options.handler.onUpgraded(head, socket, (outcome) => this.#settle(outcome));
  }

  onFailure(failure: UpstreamFailure): void {
    this.#fail(describe(failure));
  }

  #onLimit(limit: HitLimit): void {
    this.#call?.cancel();
    const wasSent = this.#wasSent;
    const reason = `${limit.phase} limit of ${limit.limitMs} ms`;
    this.#fail({ kind: wasSent ? "timeout" : "refused", limit, wasSent, reason });
  }

  #fail(failure: AttemptFailure): void {
    this.#settle(failure.kind === "unsendable" ? "cancelled" : failure.kind, failure.reason);
    this.#options.handler.onFailure(failure);
  }

  #onGood(): void {
    if (this.#wasGood || this.#isSettled) return;
    this.#wasGood = true;
    if (!judgeSlowProbe(this.#place, this.#limits.lastedMs)) settleGood(this.#place);
  }

  /** The first byte of an answer came, or the first content of a stream. An endpoint that is ejected does not tell what is usual. */
  #noteFirstByte(): void {
    const { evidence, breaker } = this.endpoint;
    const { enteredAt, lastedMs } = this.#limits;
    this.endpoint.movedAt = enteredAt;
    addDuration(evidence.firstToken, lastedMs);
    if (breaker.phase === "closed") addTime(this.#running.usual.firstByte, lastedMs);
  }

  /** A piece came. What is read with the head, or with the first content, ends no silence. */
  #notePiece(bytes: number): void {
    const running = this.#running;
    const { enteredAt, lastedMs } = this.#limits;
    this.endpoint.movedAt = enteredAt;
    running.pieces += 1;
    const isSilence = running.pieces > 1 && running.usual.silence !== undefined;
    addPiece(this.endpoint.evidence, bytes, isSilence ? lastedMs : undefined);
    if (isSilence && lastedMs > running.longestSilenceMs) running.longestSilenceMs = lastedMs;
  }

  #settlePlainHead(status: number): void {
    const { isPlain, exchange } = this.#options;
    // A service may be slow because of one that it calls; only where its route has a class does that count as load.
    if (isPlain === true) settleHead(this.#place, status, exchange.route?.priority !== undefined);
  }

  #settle(outcome: AttemptOutcome, failure?: string): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#limits.clear();
    leaveList(this.endpoint.running, this.#running);
    if (outcome === "succeeded") learnSilence(this.endpoint, this.#running);
    this.#options.handler.onSettled?.(outcome, this.#wasSent);
    settleAttempt(this.#place, { outcome, wasSent: this.#wasSent, wasGood: this.#wasGood, failure });
  }
}

function usualWaitsOf({ exchange, pool, timeouts }: AttemptOptions): UsualWaits {
  if (exchange.call === undefined) return pool.usual.of("plain", exchange.route?.id ?? "");
  return pool.usual.of(timeouts.firstTokenMs === undefined ? "whole" : "stream", exchange.call.model.name);
}

function learnSilence({ breaker }: Endpoint, { pieces, usual, longestSilenceMs }: RunningAttempt): void {
  if (pieces < 2 || usual.silence === undefined || breaker.phase !== "closed") return;
  addTime(usual.silence, longestSilenceMs);
}

function describe(failure: UpstreamFailure): AttemptFailure {
  const reason = `${failure.code}: ${failure.message}`;
  if (failure.isUnsendable) return { kind: "unsendable", wasSent: false, reason };
  return { kind: failure.wasSent ? "reset" : "refused", wasSent: failure.wasSent, reason };
}
