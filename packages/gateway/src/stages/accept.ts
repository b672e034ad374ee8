// The first stage: a parsed request becomes an exchange with an id, a clean target and a deadline, or an error.
import type { ClientRequest, ClientResponse } from "../listen/client-request.ts";
import type { ErrorCode, ErrorDetails } from "@flyball/core";
import { hasDotSegment, readDeadline } from "@flyball/traffic";
import { isUnreadable } from "../listen/canonical-path.ts";
import type { ServingListener, ServingState } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { Exchange } from "./exchange.ts";

/** The header that carries an absolute deadline from hop to hop, in milliseconds since the epoch. */
export const DEADLINE_HEADER = "x-flyball-deadline";

/** Longest target, in bytes. */
const MAX_URL_BYTES = 8 * 1024;
/** Most headers; their bytes are bounded by the parser. */
const MAX_HEADERS = 100;
/** What a host and port are made of (RFC 3986 §3.2.2). With a slash, ? or @ in it an upstream would make another URL of the request. */
const USABLE_HOST = /^[\w.~%!$&'()*+,;=:[\]-]*$/;

/** The exchange, and the error that ends it at once, if there is one. */
export interface Accepted {
  readonly exchange: Exchange;
  readonly refusal: { readonly code: ErrorCode; readonly details: ErrorDetails } | undefined;
}

/** What arrives. */
export interface Arrival {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly serving: ServingState;
  readonly listener: ServingListener;
}

/** Makes the exchange. */
export function acceptRequest(context: WorkerContext, arrival: Arrival): Accepted {
  const { request, response, serving, listener } = arrival;
  const startedAt = context.clock.monotonic();
  const location = readTarget(request.url ?? "", request.headers.host ?? "");
  const queryAt = location.target.indexOf("?");
  const exchange: Exchange = {
    context,
    serving,
    listener,
    request,
    response,
    id: requestId(request, context),
    method: request.method ?? "GET",
    target: location.target,
    path: queryAt < 0 ? location.target : location.target.slice(0, queryAt),
    host: hostName(location.authority),
    startedAt,
    deadlineAt: deadlineOf(request, context, startedAt),
    key: undefined,
    route: undefined,
    shed: undefined,
    toldError: undefined,
    pool: undefined,
    backend: undefined,
    attemptsSent: 0,
    wasRetried: false,
    asked: undefined,
    explanation: undefined,
    waitUntil: undefined,
    isClientGone: false,
    dialect: undefined,
    client: undefined,
    running: undefined,
    wasBrokenOff: false,
    isRecorded: false,
    hasCors: listener.cors !== undefined,
    account: undefined,
    firstContentAt: undefined,
    wasResumed: false,
    wasHedged: false,
    wasCached: false,
    forecast: undefined,
    call: undefined,
    trace: undefined,
  };
  return { exchange, refusal: findRefusal(exchange, location.isValid) };
}

/** Shortens the deadline to the total limit of a route; 0 is no limit. */
export function limitDeadline(exchange: Exchange, totalMs: number): void {
  if (totalMs > 0) {
    exchange.deadlineAt = Math.min(exchange.deadlineAt, exchange.startedAt + totalMs);
  }
}

function findRefusal(exchange: Exchange, isTargetValid: boolean): Accepted["refusal"] {
  const bad = (reason: string): Accepted["refusal"] => ({
    code: "FB_GATEWAY_BAD_REQUEST",
    details: { reason },
  });
  const { headers, rawHeaders, url = "" } = exchange.request;
  if (url.length > MAX_URL_BYTES) return { code: "FB_GATEWAY_URL_TOO_LONG", details: { limitBytes: MAX_URL_BYTES } };
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    return { code: "FB_GATEWAY_HEADERS_TOO_LARGE", details: { limit: `${MAX_HEADERS} headers` } };
  }
  if (!isTargetValid) return bad("its target is neither a path nor an http URL");
  if (hasManyHosts(rawHeaders)) return bad("it names two hosts");
  if (!USABLE_HOST.test(headers.host ?? "")) return bad("its host has characters that no host has");
  if (isUnreadable(exchange.path) || exchange.target.includes("#"))
    return bad("its path has a control character or a fragment");
  if (hasDotSegment(exchange.path)) return bad("its path has a . or .. segment");
  const type = headers["content-type"];
  if (type === "application/grpc" || type?.startsWith("application/grpc+")) {
    return { code: "FB_GATEWAY_PROTOCOL", details: { protocol: "gRPC" } };
  }
  if (exchange.deadlineAt <= exchange.startedAt) {
    return { code: "FB_GATEWAY_DEADLINE", details: {} };
  }
  return undefined;
}

function hasManyHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1;
}

/** Origin form as it is; absolute form (`GET http://host/path`) is taken apart, its authority goes before the host header. */
function readTarget(url: string, host: string): { target: string; authority: string; isValid: boolean } {
  if (url.charCodeAt(0) === 0x2f) return { target: url, authority: host, isValid: true };
  const match = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(url);
  if (!match) return { target: "/", authority: host, isValid: false };
  const rest = match[2] ?? "";
  return {
    target: rest.startsWith("/") ? rest : `/${rest}`,
    authority: match[1] ?? "",
    isValid: true,
  };
}

function hostName(authority: string): string {
  const name = authority.startsWith("[")
    ? authority.slice(0, authority.indexOf("]") + 1)
    : (authority.split(":", 1)[0] ?? "");
  return name.toLowerCase();
}

const USABLE_ID = /^[\x21-\x7e]{1,128}$/;

function requestId(request: ClientRequest, context: WorkerContext): string {
  const given = request.headers["x-request-id"];
  if (typeof given === "string" && USABLE_ID.test(given)) return given;
  context.nextRequestNumber += 1;
  return context.requestIdPrefix + context.nextRequestNumber.toString(36);
}

function deadlineOf(request: ClientRequest, context: WorkerContext, startedAt: number): number {
  const given = request.headers[DEADLINE_HEADER];
  if (given === undefined) return Number.POSITIVE_INFINITY;
  return readDeadline(String(given), { now: context.clock.now(), monotonic: startedAt });
}
