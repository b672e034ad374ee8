// One attempt at one endpoint: sends the request, watches its time limits, and settles it exactly once, whatever happens.
//
// Objects made per request have no getters: an accessor in an object literal gives each object a hidden class of its own, and all that
// the getter's closure reaches then lives until the next full collection.
import type { Duplex } from "node:stream";
import type { AttemptOutcome, TimeoutsSpec } from "@flyball/core";
import { createWatchdog } from "../stream/watchdog.ts";
import type { ResponseHead, UpstreamFailure, UpstreamRequest, UpstreamCall } from "../upstream/upstream.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { Exchange } from "./exchange.ts";
import { settleAttempt, settleConnected } from "./settle.ts";

/** Why an attempt failed. */
export interface AttemptFailure {
  readonly kind: "refused" | "reset" | "timeout" | "unsendable";
  /** For a timeout: the limit that was hit. */
  readonly phase?: "connect" | "first-byte" | "gap" | "total";
  readonly limitMs?: number;
  readonly wasSent: boolean;
  /** `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:4001`. */
  readonly reason: string;
}

/** What comes back. After `onEnd`, `onUpgraded` or `onFailure` nothing follows; after `cancel` nothing follows either. */
export interface AttemptHandler {
  onInformation(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The attempt's place stays taken until `release` is called. */
  onUpgraded(head: ResponseHead, socket: Duplex, release: (outcome: AttemptOutcome) => void): void;
  onFailure(failure: AttemptFailure): void;
}

/** A running attempt. */
export interface Attempt {
  readonly endpoint: Endpoint;
  /** The request's body moves: the time limit for the first byte begins anew. */
  onBodyProgress(): void;
  /** Stops reading the response; the limit between two pieces rests. */
  pause(): void;
  resume(): void;
  /** Ends it. `outcome` says what it means for the endpoint; `cancelled` unless given. */
  cancel(outcome?: AttemptOutcome, failure?: string): void;
}

/** What an attempt needs; the place on the endpoint is taken already. */
export interface AttemptOptions {
  readonly exchange: Exchange;
  readonly pool: Pool;
  readonly endpoint: Endpoint;
  readonly request: UpstreamRequest;
  readonly timeouts: TimeoutsSpec;
  readonly handler: AttemptHandler;
}

type Phase = "connect" | "first-byte" | "gap" | "rest";

/** Starts an attempt. */
export function startAttempt(options: AttemptOptions): Attempt {
  const { exchange, pool, endpoint, timeouts, handler } = options;
  const { context } = exchange;
  const { clock } = context;
  const startedAt = clock.monotonic();
  let phase: Phase = "connect";
  let phaseEndsAt = Number.POSITIVE_INFINITY;
  let status = 0;
  let isSettled = false;
  let wasSent = false;

  const settle = (outcome: AttemptOutcome, failure?: string): void => {
    isSettled = true;
    watchdog.clear();
    settleAttempt(context, pool, endpoint, {
      outcome,
      wasSent,
      startedAt,
      ...(failure === undefined ? {} : { failure }),
    });
  };
  const enter = (next: Phase, limitMs: number): void => {
    phase = next;
    phaseEndsAt = limitMs > 0 ? clock.monotonic() + limitMs : Number.POSITIVE_INFINITY;
    watchdog.set(Math.min(phaseEndsAt, exchange.deadlineAt));
  };
  const fail = (failure: AttemptFailure): void => {
    settle(failure.kind === "unsendable" ? "cancelled" : failure.kind, failure.reason);
    handler.onFailure(failure);
  };
  const onExpire = (): void => {
    const hit = hitLimit(phase, phaseEndsAt, exchange, timeouts);
    call.cancel();
    const reason = `${hit.phase} limit of ${hit.limitMs} ms`;
    fail({ kind: wasSent ? "timeout" : "refused", ...hit, wasSent, reason });
  };
  const watchdog = createWatchdog(clock, onExpire);
  enter("connect", timeouts.connectMs);
  const call: UpstreamCall = endpoint.upstream.send(options.request, {
    onSent() {
      wasSent = true;
      exchange.attemptsSent += 1;
      settleConnected(pool, endpoint);
      enter("first-byte", timeouts.firstByteMs);
    },
    onInformation: (head) => handler.onInformation(head),
    onHead(head) {
      status = head.status;
      enter("gap", timeouts.gapMs);
      handler.onHead(head);
    },
    onData(chunk) {
      if (phase === "gap") enter("gap", timeouts.gapMs);
      handler.onData(chunk);
    },
    onEnd() {
      if (status >= 500) settle("server-error", `status ${status}`);
      else settle("succeeded");
      handler.onEnd();
    },
    onUpgraded(head, socket) {
      watchdog.clear();
      handler.onUpgraded(head, socket, (outcome) => {
        if (!isSettled) settle(outcome);
      });
    },
    onFailure: (failure) => fail(describe(failure)),
  });
  return {
    endpoint,
    onBodyProgress() {
      if (phase === "first-byte") enter("first-byte", timeouts.firstByteMs);
    },
    pause() {
      call.pause();
      enter("rest", 0);
    },
    resume() {
      enter("gap", timeouts.gapMs);
      call.resume();
    },
    cancel(outcome = "cancelled", failure) {
      if (isSettled) return;
      call.cancel();
      settle(outcome, failure);
    },
  };
}

function describe(failure: UpstreamFailure): AttemptFailure {
  const reason = `${failure.code}: ${failure.message}`;
  if (failure.isUnsendable) return { kind: "unsendable", wasSent: false, reason };
  return { kind: failure.wasSent ? "reset" : "refused", wasSent: failure.wasSent, reason };
}

function hitLimit(
  phase: Phase,
  phaseEndsAt: number,
  exchange: Exchange,
  timeouts: TimeoutsSpec,
): { phase: NonNullable<AttemptFailure["phase"]>; limitMs: number } {
  if (exchange.deadlineAt <= phaseEndsAt || phase === "rest") {
    return { phase: "total", limitMs: Math.round(exchange.deadlineAt - exchange.startedAt) };
  }
  if (phase === "connect") return { phase, limitMs: timeouts.connectMs };
  if (phase === "first-byte") return { phase, limitMs: timeouts.firstByteMs };
  return { phase, limitMs: timeouts.gapMs };
}
