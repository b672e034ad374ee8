// Listens for one service and ends without losing a request: a drain stops accepting, lets requests in flight (streams
// included) finish, and answers what still arrives on kept connections with `connection: close`. Idle connections stay
// open for a short while, so that a request already on its way is answered instead of reset.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { findRoute } from "./find-route.ts";
import type { Log } from "./log.ts";
import { sendError, sendJson } from "./respond.ts";
import { ServiceError } from "./service-error.ts";
import type { Service } from "./service.ts";

/** Longer than any proxy in front keeps an idle connection, so that this side is never the first to close it. */
const keepAliveMs = 72_000;
const requestReadMs = 30_000;

export interface ServeOptions {
  readonly service: Service;
  readonly log: Log;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** How long a drain leaves idle connections open. */
  readonly idleLingerMs?: number;
}

/** A listening service. */
export interface RunningServer {
  readonly url: string;
  /** Resolves when the last request is answered and the service has settled; idempotent. */
  drain(): Promise<void>;
}

/** Starts to listen; rejects when the address is taken. */
export async function serve({ service, log, host, port, idleLingerMs = 500 }: ServeOptions): Promise<RunningServer> {
  const open = new Map<Socket, Set<ServerResponse>>();
  let draining: Promise<void> | null = null;
  const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: requestReadMs });
  server.on("connection", (socket: Socket) => {
    open.set(socket, new Set());
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request, response) => {
    if (draining !== null) response.setHeader("connection", "close");
    const responses = open.get(request.socket);
    responses?.add(response);
    response.once("close", () => responses?.delete(response));
    void answer(request, response, { service, log, isDraining: draining !== null });
  });
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    drain: () => (draining ??= drain(server, open, idleLingerMs).then(() => service.settle())),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function drain(server: Server, open: Map<Socket, Set<ServerResponse>>, idleLingerMs: number): Promise<void> {
  for (const [socket, responses] of open) for (const response of responses) closeAfter(response, socket);
  const linger = setTimeout(() => {
    for (const [socket, responses] of open) if (responses.size === 0) socket.destroy();
  }, idleLingerMs);
  // The close of node:http would cut idle connections at once; the one of node:net below it only stops accepting.
  await new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  clearTimeout(linger);
  server.close();
}

function closeAfter(response: ServerResponse, socket: Socket): void {
  if (response.headersSent) response.once("finish", () => socket.end());
  else response.setHeader("connection", "close");
}

interface AnswerOptions {
  readonly service: Service;
  readonly log: Log;
  readonly isDraining: boolean;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AnswerOptions): Promise<void> {
  const { service, log, isDraining } = options;
  const startedMs = performance.now();
  const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  if (path === "/health") return sendHealth(response, service, isDraining);
  const left = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) left.abort();
    const ms = Math.round(performance.now() - startedMs);
    const status = response.headersSent ? response.statusCode : null;
    log.info("request", {
      method: request.method ?? "",
      path,
      status,
      ms,
      complete: response.writableFinished,
    });
  });
  try {
    const match = findRoute(service.routes, request.method ?? "", path);
    if (match.kind === "unknown") throw new ServiceError(404, "QA_UNKNOWN_PATH", "There is nothing at this path.");
    if (match.kind === "other-method") {
      throw new ServiceError(405, "QA_WRONG_METHOD", `Use ${match.allow} here.`, {
        allow: match.allow,
      });
    }
    const query = new URLSearchParams(search);
    await match.route.handle({
      request,
      response,
      query,
      parameters: match.parameters,
      signal: left.signal,
    });
  } catch (error) {
    fail(response, error, left.signal, log);
  }
}

function sendHealth(response: ServerResponse, service: Service, isDraining: boolean): void {
  if (isDraining) return sendJson(response, 503, { status: "draining" });
  if (service.isHealthy()) return sendJson(response, 200, { status: "ok" });
  sendJson(response, 503, { status: "failed" });
}

function fail(response: ServerResponse, error: unknown, left: AbortSignal, log: Log): void {
  if (left.aborted) return;
  if (!(error instanceof ServiceError)) {
    log.error("defect", {
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof ServiceError ? error : new ServiceError(500, "QA_INTERNAL", "The service failed.");
  sendError(response, known);
}
