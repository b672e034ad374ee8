// Makes connections to one endpoint: plain or TLS, straight or through an egress proxy, with one time limit over all of it that is exact to
// the millisecond. What is dialled can be given up at any moment.
import { connect as connectTcp, type OnReadOpts, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import type { CancelTimer, Clock } from "@flyball/core";
import { REFUSED_ADDRESS, type AddressGuard } from "@flyball/wire";
import { LATE_MS } from "../stream/watchdog.ts";
import type { EgressProxy } from "./choose-proxy.ts";
import { openTunnel } from "./open-tunnel.ts";
import { authorityOf, type Place } from "./place.ts";
import { createTlsSettings, type TlsSettings } from "./tls-settings.ts";

/** Who waits for a connection. */
export interface DialHandler {
  /** With `isReadShared`, what is read comes by `onBytes`; else as `data` events. No other listener is on the socket. */
  onConnected(socket: Socket, isReadShared: boolean): void;
  onDialFailed(code: string, message: string): void;
  /** The first `length` of `bytes`; they are overwritten by the next read. */
  onBytes(bytes: Buffer, length: number): void;
}

/** Makes connections. */
export interface Dialer {
  /** Begins one; gives the function that gives it up. With `asStream` it is read by events, so that it can be handed over. */
  dial(handler: DialHandler, asStream: boolean): () => void;
}

/** Where to, and how. */
export interface DialerOptions {
  readonly target: Place;
  readonly connectMs: number;
  readonly clock: Clock;
  readonly ca: readonly string[] | undefined;
  readonly proxy: EgressProxy | undefined;
  /** With it, only addresses that it allows are connected to. */
  readonly guard: AddressGuard | undefined;
}

/** What all connections of one dialer share. */
interface Shared extends DialerOptions {
  readonly targetTls: TlsSettings;
  readonly proxyTls: TlsSettings;
  /** One for all connections: a read is taken apart before the next one begins. Made for the first connection. */
  readBuffer: Buffer | undefined;
}

const DEFAULT_CONNECT_MS = 10_000;
const READ_BUFFER_BYTES = 64 * 1024;
/** A stream that is silent for minutes must not be forgotten by what stands between. */
const KEEP_ALIVE_PROBE_MS = 60_000;

/** Creates a dialer. Nothing is connected yet. */
export function createDialer(options: DialerOptions): Dialer {
  const shared: Shared = {
    ...options,
    targetTls: createTlsSettings(options.ca),
    proxyTls: createTlsSettings(options.ca),
    readBuffer: undefined,
  };
  return {
    dial(handler, asStream) {
      const dialling = new Dialling(shared, handler, asStream);
      dialling.start();
      return () => dialling.cancel();
    },
  };
}

class Dialling {
  readonly #shared: Shared;
  readonly #handler: DialHandler;
  readonly #asStream: boolean;
  #cancelTimer: CancelTimer;
  #socket: Socket | undefined;
  #isSettled = false;

  constructor(shared: Shared, handler: DialHandler, asStream: boolean) {
    this.#shared = shared;
    this.#handler = handler;
    this.#asStream = asStream;
    const { clock } = shared;
    const limitMs = shared.connectMs || DEFAULT_CONNECT_MS;
    const dueAt = clock.monotonic() + limitMs;
    const expire = (): void => this.#fail("ETIMEDOUT", `no connection within ${limitMs} ms`);
    // A process that was kept off its processor notices its timer before the connection that stands.
    this.#cancelTimer = clock.after(limitMs, () => {
      if (clock.monotonic() - dueAt < LATE_MS) expire();
      else this.#cancelTimer = clock.after(0, expire);
    });
  }

  start(): void {
    const { target, proxy, guard, proxyTls, targetTls } = this.#shared;
    if (proxy?.problem !== undefined) return this.#failSoon("FB_UPSTREAM_PROXY_UNUSABLE", proxy.problem);
    const refusal = guard?.refusalOf(target.host);
    if (refusal !== undefined) return this.#failSoon(REFUSED_ADDRESS, refusal);
    const first = proxy ?? target;
    const options: TcpNetConnectOpts = {
      host: first.host,
      port: first.port,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      // A proxy is the operator's own and may well stand in a private network; it resolves the target's name itself.
      ...(guard && !proxy ? { lookup: guard.lookup } : {}),
    };
    if (first.isTls) {
      const tls = proxy ? proxyTls : targetTls;
      const socket = tls.watchSessions(connectTls({ ...options, ...tls.optionsFor(first) }));
      this.#follow(socket, "secureConnect", () => this.#onFirst(socket));
      return;
    }
    const isReadShared = !this.#asStream && (!proxy || !target.isTls);
    const socket = connectTcp(isReadShared ? { ...options, onread: this.#readInto() } : options);
    this.#follow(socket, "connect", () => (isReadShared ? this.#succeed(true) : this.#onFirst(socket)));
  }

  cancel(): void {
    this.#settle();
    this.#socket?.destroy();
  }

  /** Reading into one buffer by a callback spares a new buffer for each read and the machinery of streams. */
  #readInto(): OnReadOpts {
    const handler = this.#handler;
    return {
      buffer: (this.#shared.readBuffer ??= Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)),
      callback(length, bytes) {
        handler.onBytes(bytes as Buffer, length);
        return true;
      },
    };
  }

  #follow(socket: Socket, event: "connect" | "secureConnect", onReady: () => void): void {
    this.#socket?.removeAllListeners().on("error", ignore);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.name, messageOf(error)));
    socket.on("close", () => this.#fail("FB_UPSTREAM_CLOSED", "the connection was closed while it was being made"));
    socket.once(event, onReady);
  }

  #onFirst(first: Socket): void {
    const { target, proxy, targetTls } = this.#shared;
    if (!proxy || !target.isTls) {
      this.#succeed(false);
      return;
    }
    openTunnel(first, { authority: authorityOf(target), authorization: proxy.authorization }, (error) => {
      if (this.#isSettled) return;
      if (error) {
        this.#fail(error.code, error.message);
        return;
      }
      const socket = targetTls.watchSessions(connectTls({ socket: first, ...targetTls.optionsFor(target) }));
      this.#follow(socket, "secureConnect", () => this.#succeed(false));
    });
  }

  #succeed(isReadShared: boolean): void {
    const socket = this.#socket as Socket;
    this.#settle();
    this.#handler.onConnected(socket, isReadShared);
  }

  #fail(code: string, message: string): void {
    if (this.#isSettled) return;
    this.cancel();
    this.#handler.onDialFailed(code, message);
  }

  #failSoon(code: string, message: string): void {
    process.nextTick(() => this.#fail(code, message));
  }

  #settle(): void {
    this.#isSettled = true;
    this.#cancelTimer();
    for (const event of ["error", "close", "connect", "secureConnect"]) this.#socket?.removeAllListeners(event);
    this.#socket?.on("error", ignore);
  }
}

function ignore(): void {
  return;
}

/** Several addresses that all failed make one error without a text of its own. */
function messageOf(error: Error): string {
  if (error.message === "" && error instanceof AggregateError) {
    return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join("; ");
  }
  return error.message;
}
