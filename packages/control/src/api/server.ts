// The control API over HTTP on loopback. Every call but /v1/health needs the bearer token; a request that a browser sends from another
// page fails for want of it, and Host must be a loopback name, so a rebound DNS name gets nothing.
import { FlyballError, isFlyballError } from "@flyball/core";
import { EXPOSITION_CONTENT_TYPE, writeExposition } from "@flyball/telemetry";
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ControlContext } from "../control-context.ts";
import { noticeFamilies } from "../notify/notice-metrics.ts";
import { scaleFamilies } from "../scale/scale-metrics.ts";
import { auditedBy } from "./audited.ts";
import { routeRequest } from "./router.ts";
import { streamEvents, type EventHub } from "./stream-events.ts";
import { streamLogs } from "./stream-logs.ts";

const BODY_LIMIT = 8 * 1024 * 1024;

/** What the server needs. */
export interface ApiOptions {
  readonly token: string;
  readonly hub: EventHub;
  readonly onDown: (reason: string) => void;
  readonly onError: (error: unknown) => void;
}

/** The server, not yet listening. */
export function createApiServer(context: ControlContext, options: ApiOptions): Server {
  const server = createServer((request, response) => {
    void answer(context, options, { request, response }).catch((error: unknown) => {
      if (!isFlyballError(error)) options.onError(error);
      sendError(response, error);
    });
  });
  server.requestTimeout = 30_000;
  return server;
}

async function answer(
  context: ControlContext,
  options: ApiOptions,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { request, response } = exchange;
  const url = new URL(request.url ?? "/", "http://control");
  const method = request.method ?? "GET";
  if (!isLoopbackName(request.headers.host)) throw new FlyballError("FB_CONTROL_UNAUTHORISED");
  if (method === "GET" && url.pathname === "/v1/health") {
    sendJson(response, 200, { status: "ok", app: context.settings.app, clone: context.settings.clone });
    return;
  }
  if (!hasToken(request, options.token)) throw new FlyballError("FB_CONTROL_UNAUTHORISED");
  if (method === "GET" && url.pathname === "/v1/events") return streamEvents(options.hub, url, { request, response });
  if (method === "GET" && url.pathname === "/v1/logs") return streamLogs(context, url, { request, response });
  if (method === "GET" && url.pathname === "/metrics") {
    response.writeHead(200, { "content-type": EXPOSITION_CONTENT_TYPE, "cache-control": "no-store" });
    response.end(writeExposition([...scaleFamilies(context), ...noticeFamilies(context.notices?.status() ?? [])]));
    return;
  }
  const body = method === "POST" ? await readJson(request) : undefined;
  const actor = decoded(request.headers["x-flyball-actor"], 100) ?? "operator";
  const command = decoded(request.headers["x-flyball-command"], 500) ?? `${method} ${url.pathname}`.slice(0, 500);
  const apiRequest = { method, path: url.pathname, query: url.searchParams, body, actor };
  const result = await routeRequest(auditedBy(context, command), apiRequest, options.onDown);
  if (result === undefined) {
    throw new FlyballError("FB_CONTROL_NOT_FOUND", {
      what: "call",
      name: `${method} ${url.pathname}`,
      remedy: "See docs/reference",
    });
  }
  sendJson(response, url.pathname === "/v1/down" ? 202 : 200, result);
}

/** The text of a percent-encoded header, cut to a length; undefined when there is none. */
function decoded(header: string | readonly string[] | undefined, longest: number): string | undefined {
  const text = typeof header === "string" ? header : "";
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text).slice(0, longest);
  } catch {
    return text.slice(0, longest);
  }
}

function isLoopbackName(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\]|control)(:\d+)?$/.test(host);
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT)
      throw new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: `the body is larger than ${BODY_LIMIT} bytes` });
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // falls through to the one answer below
  }
  throw new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: "the body is not a JSON object" });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(`${JSON.stringify(value)}\n`);
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (isFlyballError(error)) {
    sendJson(response, error.definition.httpStatus, { error: error.toJSON() });
    return;
  }
  sendError(response, new FlyballError("FB_CONTROL_INTERNAL"));
}
