// The HTTP/1.1 client of one endpoint: keep-alive connections, one request on each at a time, the most recently used one first, so that
// surplus ones fall idle and close. Nothing queues: placement sends no more requests than there may be connections.
//
// It is our own because dispatch through a general client cost more than everything else on the way of a request, and because what the
// gateway promises needs two things exactly: whether a byte of the request may have left, and an end at once in every phase.
import type { CancelTimer, Clock } from "@flyball/core";
import { createAddressGuard, type AddressGuardOptions, type AllowedAddresses } from "@flyball/wire";
import type { TurnBatch } from "../stream/turn-batch.ts";
import type { EgressProxy } from "./choose-proxy.ts";
import { createDialer, type Dialer } from "./dial.ts";
import { encodeRequestHead, type RequestForm } from "./encode-request-head.ts";
import { Http1Call } from "./http1-call.ts";
import { Http1Connection, type ConnectionOwner } from "./http1-connection.ts";
import { MAX_CONNECTIONS } from "./max-connections.ts";
import { authorityOf, placeOf, type Place } from "./place.ts";
import type { Upstream, UpstreamCall, UpstreamHandler, UpstreamRequest } from "./upstream.ts";

/** What a client needs. */
export interface Http1UpstreamOptions extends AddressGuardOptions {
  /** `http://127.0.0.1:4001` or `https://api.example`. */
  readonly origin: string;
  /** How long a connection may take to stand, TLS and proxy included; 0 means 10 s. */
  readonly connectMs: number;
  readonly clock: Clock;
  /** +1 and −1. */
  readonly onOpenConnections: (change: number) => void;
  /** Trusted besides the machine's own roots and NODE_EXTRA_CA_CERTS; PEM. */
  readonly ca?: readonly string[] | undefined;
  /** Everything goes through it: plain HTTP by absolute targets, TLS through a tunnel. */
  readonly proxy?: EgressProxy | undefined;
  /** Requests on standing connections leave at the end of the turn; absent: at once. */
  readonly batch?: TurnBatch | undefined;
  /** What it connects to, whatever a name resolves to; absent: everything. A proxy resolves names itself: then only the host is looked at. */
  readonly addresses?: AllowedAddresses | undefined;
}

/** Idle connections are closed before common servers (5 s) close them, so that few requests meet a closing socket. */
export const IDLE_MS = 4_000;
/** A server that says how long it waits is not waited for to the end. */
const IDLE_MARGIN_MS = 1_000;

/** Creates a client. It connects when there is something to send. */
export function createHttp1Upstream(options: Http1UpstreamOptions): Upstream {
  return new Http1Upstream(options);
}

class Http1Upstream implements Upstream, ConnectionOwner {
  readonly #clock: Clock;
  readonly #dialer: Dialer;
  readonly #form: RequestForm;
  readonly #reportOpen: (change: number) => void;
  readonly batch: TurnBatch | undefined;
  /** The last one was used last. Bounded with all connections by MAX_CONNECTIONS. */
  readonly #idle: Http1Connection[] = [];
  #count = 0;
  #cancelSweep: CancelTimer | undefined;
  #sweepAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: Http1UpstreamOptions) {
    const target = placeOf(new URL(options.origin));
    this.#clock = options.clock;
    this.#reportOpen = options.onOpenConnections;
    this.batch = options.batch;
    this.#form = formOf(target, options.proxy);
    this.#dialer = createDialer({
      target,
      connectMs: options.connectMs,
      clock: options.clock,
      ca: options.ca,
      proxy: options.proxy,
      guard: options.addresses && createAddressGuard(options.addresses, options),
    });
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const head = encodeRequestHead(request, this.#form);
    if (typeof head !== "string") return refuse(request, handler, head.reason);
    const call = new Http1Call(request, handler, head);
    if (request.upgrade !== undefined || !this.#sendOnIdle(call)) this.#open(call);
    return call;
  }

  onUnsent(call: Http1Call): void {
    if (!call.isDone && !this.#sendOnIdle(call)) this.#open(call);
  }

  close(): void {
    this.#isClosed = true;
    this.#armSweep(Number.POSITIVE_INFINITY);
    while (this.#idle.length > 0) this.#idle.pop()?.destroy();
  }

  onIdle(connection: Http1Connection, idleTimeoutMs: number): void {
    const forMs = idleTimeoutMs < 0 ? IDLE_MS : Math.min(IDLE_MS, idleTimeoutMs - IDLE_MARGIN_MS);
    if (this.#isClosed || forMs <= 0) {
      connection.destroy();
      return;
    }
    connection.idleUntil = this.#clock.monotonic() + forMs;
    this.#idle.push(connection);
    if (connection.idleUntil < this.#sweepAt) this.#armSweep(connection.idleUntil);
  }

  onGone(connection: Http1Connection): void {
    this.#count -= 1;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  onOpenConnections(change: number): void {
    this.#reportOpen(change);
  }

  #sendOnIdle(call: Http1Call): boolean {
    if (this.#idle.length === 0) return false;
    const now = this.#clock.monotonic();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.idleUntil <= now) connection.destroy();
      else if (connection.begin(call, this.batch)) return true;
    }
    return false;
  }

  #open(call: Http1Call): void {
    if (this.#count >= MAX_CONNECTIONS) this.#idle[0]?.destroy();
    if (this.#count >= MAX_CONNECTIONS) {
      process.nextTick(() => call.fail("FB_UPSTREAM_FULL", `there are ${MAX_CONNECTIONS} connections already`));
      return;
    }
    this.#count += 1;
    call.isDialled = true;
    const connection = new Http1Connection(this, call);
    connection.cancelDial = this.#dialer.dial(connection, call.request.upgrade !== undefined);
  }

  /** One timer serves all connections, and rests while none is idle. Infinity disarms it. */
  #armSweep(at: number): void {
    this.#cancelSweep?.();
    this.#sweepAt = at;
    const delayMs = Math.max(1, at - this.#clock.monotonic());
    this.#cancelSweep = at === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(delayMs, () => this.#sweep());
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) connection.destroy();
    let next = Number.POSITIVE_INFINITY;
    for (const { idleUntil } of this.#idle) next = Math.min(next, idleUntil);
    this.#armSweep(next);
  }
}

/** Behind a proxy, plain HTTP names its origin in each target, and shows who asks. */
function formOf(target: Place, proxy: EgressProxy | undefined): RequestForm {
  if (!proxy || target.isTls) return { targetPrefix: "", extraLines: "" };
  const { authorization } = proxy;
  return {
    targetPrefix: `http://${authorityOf(target)}`,
    extraLines: authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`,
  };
}

function refuse(request: UpstreamRequest, handler: UpstreamHandler, reason: string): UpstreamCall {
  const call = new Http1Call(request, handler, "");
  process.nextTick(() => {
    if (call.isDone) return;
    call.close();
    handler.onFailure({ code: "FB_UPSTREAM_UNSENDABLE", message: reason, wasSent: false, isUnsendable: true });
  });
  return call;
}
