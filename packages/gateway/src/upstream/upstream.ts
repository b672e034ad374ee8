// What the request path needs of an HTTP client for one endpoint. The client behind it can be replaced without a change elsewhere.
// Calls back instead of promises: one request makes no microtask hops and no intermediate streams.
import type { Duplex, Readable } from "node:stream";
import type { WholeBody } from "../body/whole-body.ts";

/** A request as it goes out. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Flat list name, value, name, value …; without hop-by-hop headers. */
  readonly headers: readonly string[];
  /** A stream needs its `content-length` in the headers, or goes chunked. It is destroyed when the request ends before it does. */
  readonly body: WholeBody | Readable | null;
  /** The protocol to upgrade to. */
  readonly upgrade?: string;
}

/** A response's status line and headers. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Flat list name, value, name, value … as received, each character one byte (latin1). */
  readonly headers: readonly string[];
}

/** Why a request got no whole response. */
export interface UpstreamFailure {
  /** The system's code (`ECONNREFUSED`, `ECONNRESET`) or the client's own (`FB_UPSTREAM_…`, README.md lists them). */
  readonly code: string;
  readonly message: string;
  /** A byte of the request may have left. */
  readonly wasSent: boolean;
  /** The request itself cannot be written (a header that is not allowed, …): no endpoint is at fault. */
  readonly isUnsendable: boolean;
}

/**
 * Callbacks of one request. After `onEnd`, `onUpgraded` or `onFailure` nothing follows; after `cancel` nothing follows either.
 * `onFailure` never comes before `send` has returned.
 */
export interface UpstreamHandler {
  /** The connection stands, a new one or one that was kept, and the first bytes are on their way. May come before `send` has returned. */
  onSent(isNewConnection: boolean): void;
  /** An informational response (102, 103). */
  onInformation(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** The bytes are the handler's own. */
  onData(chunk: Buffer): void;
  /** The system has all of the request's body. Comes before `onEnd`; where it does not come, the body may still be read after the end. */
  onBodyTaken?(): void;
  onEnd(): void;
  /** The socket is paused and has no listeners; first bytes behind the head are in it. */
  onUpgraded(head: ResponseHead, socket: Duplex): void;
  onFailure(failure: UpstreamFailure): void;
}

/** One running request. */
export interface UpstreamCall {
  /** All of the request was given to the connection. */
  readonly isWritten: boolean;
  /** Stops reading the response until `resume`; what was read already (at most 64 KiB) still comes. */
  pause(): void;
  resume(): void;
  /** Ends it at once; the connection is closed. Idempotent. */
  cancel(): void;
}

/** A client of one endpoint. */
export interface Upstream {
  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall;
  /** Closes idle connections now and busy ones after their request. Idempotent. */
  close(): void;
}
