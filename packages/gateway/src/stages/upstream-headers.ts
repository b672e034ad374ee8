// The headers that go upstream: the client's, without those that belong to one hop, plus who asked, for what, with which id, as which
// attempt and until when. Header names and values are otherwise the client's bytes.
import type { ClientRequest } from "../listen/client-request.ts";
import type { TLSSocket } from "node:tls";
import { ATTEMPT_HEADER, writeDeadline } from "@flyball/traffic";
import { DEADLINE_HEADER } from "./accept.ts";
import { attemptHeader } from "./attempt-number.ts";
import type { Exchange } from "./exchange.ts";

/** What differs between plain and model requests. */
export interface UpstreamHeaderOptions {
  /** The body goes as one piece; its length is known to the client below. */
  readonly isWholeBody: boolean;
  /** Lower-case names to leave out besides the usual ones. */
  readonly without?: ReadonlySet<string>;
  /** The request leaves the machine's own app: only these names go along, and nothing is said about the client. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Replaces the client's host header. */
  readonly authority?: string;
  /** Further name, value, name, value … */
  readonly extra?: readonly string[];
}

/** Headers of one hop (RFC 9110 §7.6.1) and the ones that are set anew. `expect` was answered by our own server. */
const DROPPED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "via",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-request-id",
  DEADLINE_HEADER,
]);

/** What a proxy before us says about its client, and anybody else could write. */
const SAID_BY_PROXIES: ReadonlySet<string> = new Set(["forwarded", "x-real-ip", "x-forwarded-port"]);

/** Builds the flat list. */
export function buildUpstreamHeaders(exchange: Exchange, options: UpstreamHeaderOptions): string[] {
  const { request } = exchange;
  const raw = request.rawHeaders;
  const named = connectionTokens(request.headers.connection);
  const isTrusted = isOnThisMachine(request.socket.remoteAddress);
  const headers: string[] = ["host", options.authority ?? request.headers.host ?? ""];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const lower = name.toLowerCase();
    if (DROPPED.has(lower) || named?.has(lower) || options.without?.has(lower)) continue;
    if (lower.startsWith("x-flyball-") || (!isTrusted && SAID_BY_PROXIES.has(lower))) continue;
    if (options.only && !options.only.has(lower)) continue;
    if (lower === "content-length" && options.isWholeBody) continue;
    headers.push(name, raw[index + 1] as string);
  }
  headers.push("x-request-id", exchange.id);
  if (options.extra) headers.push(...options.extra);
  if (options.only) return headers;
  addForwarded(headers, request);
  const attempt = attemptHeader(exchange);
  if (attempt !== undefined) headers.push(ATTEMPT_HEADER, attempt);
  if (exchange.deadlineAt !== Number.POSITIVE_INFINITY) {
    const { clock } = exchange.context;
    const deadline = writeDeadline(exchange.deadlineAt, { now: clock.now(), monotonic: clock.monotonic() });
    if (deadline !== undefined) headers.push(DEADLINE_HEADER, deadline);
  }
  return headers;
}

/** Names in the Connection header that make other headers hop-by-hop; undefined for the usual `keep-alive` or `close`. */
export function connectionTokens(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || value === "keep-alive" || value === "close") return undefined;
  return new Set(value.split(",").map((token) => token.trim().toLowerCase()));
}

/**
 * A peer on this machine may be a proxy of the user's own: what it says about its client is kept and added to. Anybody else could
 * write what he likes there, so it is replaced.
 */
function addForwarded(headers: string[], request: ClientRequest): void {
  const peer = request.socket.remoteAddress ?? "unknown";
  const given = isOnThisMachine(peer) ? request.headers : {};
  const chain = given["x-forwarded-for"];
  headers.push("x-forwarded-for", typeof chain === "string" ? `${chain}, ${peer}` : peer);
  const proto = given["x-forwarded-proto"];
  const isEncrypted = (request.socket as Partial<TLSSocket>).encrypted === true;
  headers.push("x-forwarded-proto", proto === "https" || isEncrypted ? "https" : "http");
  const host = given["x-forwarded-host"];
  headers.push("x-forwarded-host", typeof host === "string" ? host : (request.headers.host ?? ""));
}

function isOnThisMachine(peer: string | undefined): boolean {
  return peer === "127.0.0.1" || peer === "::1" || peer === "::ffff:127.0.0.1";
}
