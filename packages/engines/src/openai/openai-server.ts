// A small OpenAI-compatible server on node:http around one engine. Both engines use it, so that what a client sees
// differs only in the text. It binds where it is told (loopback unless the environment says otherwise) and asks for no key.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusedRequest, unavailable } from "./api-error.ts";
import { machineClock } from "./engine-clock.ts";
import type { EngineClock } from "./engine-clock.ts";
import { createEngineMetrics } from "./engine-metrics.ts";
import type { Engine } from "./engine.ts";
import { handleChat } from "./handle-chat.ts";
import type { ChatContext } from "./handle-chat.ts";
import { sendError, sendJson } from "./send-json.ts";

/** What a server is made of. */
export interface OpenAiServerOptions {
  readonly engine: Engine;
  /** The one model name that requests may ask for. */
  readonly model: string;
  readonly clock?: EngineClock;
  readonly createCompletionId?: () => string;
}

/** Where a started server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** A server around one engine. `start` once; `drain` and `stop` any number of times. */
export interface OpenAiServer {
  /** Listens; port 0 takes a free one. Rejects with the system's error, for example EADDRINUSE. */
  start(host: string, port: number): Promise<ServerAddress>;
  /** Accepts nothing new and resolves when every running request has ended; after `graceMs` they are cut off. */
  drain(graceMs: number): Promise<void>;
  /** Cuts every request off at once. */
  stop(): Promise<void>;
}

/** Connections at once; further ones are closed by the system. It bounds sockets and buffered bodies. */
const maxConnections = 4096;
/** Longer than clients usually keep idle connections, so that the client closes first and no request meets a closing socket. */
const keepAliveTimeoutMs = 75_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
type Routes = Readonly<Record<string, { readonly method: string; readonly handle: Handler }>>;

/** Creates a server that does not listen yet. */
export function createOpenAiServer(options: OpenAiServerOptions): OpenAiServer {
  const clock = options.clock ?? machineClock;
  const stopped = new AbortController();
  let isDraining = false;
  const routes = createRoutes({
    engine: options.engine,
    model: options.model,
    clock,
    metrics: createEngineMetrics(options.model),
    createCompletionId: options.createCompletionId ?? (() => `chatcmpl-${randomUUID()}`),
    serverSignal: stopped.signal,
    isDraining: () => isDraining,
  });
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    response.once("close", () => {
      if (isDraining) setImmediate(() => server.closeIdleConnections());
    });
    void dispatch(routes, request, response);
  });
  server.maxConnections = maxConnections;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    isDraining = true;
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    return closed;
  };
  const stop = async (): Promise<void> => {
    const ended = close();
    stopped.abort();
    server.closeAllConnections();
    await ended;
  };
  return {
    start: (host, port) => listen(server, host, port),
    async drain(graceMs) {
      const cancelGrace = clock.after(graceMs, () => void stop());
      await close();
      cancelGrace();
    },
    stop,
  };
}

function createRoutes(context: ChatContext): Routes {
  const startedSeconds = Math.floor(context.clock.now() / 1000);
  return {
    "/health": {
      method: "GET",
      handle: (_request, response) => {
        if (context.isDraining()) sendError(response, unavailable("The server is draining.", "draining"));
        else if (context.engine.isReady()) sendJson(response, 200, '{"status":"ready"}');
        else sendError(response, unavailable("The engine is not ready.", "not_ready"));
      },
    },
    "/v1/models": {
      method: "GET",
      handle: (_request, response) => {
        const model = {
          id: context.model,
          object: "model",
          created: startedSeconds,
          owned_by: "flyball",
        };
        sendJson(response, 200, JSON.stringify({ object: "list", data: [model] }));
      },
    },
    "/v1/chat/completions": {
      method: "POST",
      handle: (request, response) => handleChat(context, request, response),
    },
    "/metrics": {
      method: "GET",
      handle: (_request, response) => {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        response.end(context.metrics.exposition(context.engine.load()));
      },
    },
  };
}

async function dispatch(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) {
    sendError(response, refusedRequest(404, `There is nothing at ${path}.`, "unknown_url"));
  } else if (request.method !== route.method) {
    const message = `${path} takes ${route.method}, not ${request.method}.`;
    sendError(response, refusedRequest(405, message, "method_not_allowed", { allow: route.method }));
  } else {
    await route.handle(request, response);
  }
}

function listen(server: Server, host: string, port: number): Promise<ServerAddress> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address() as AddressInfo;
      const shownHost = address.family === "IPv6" ? `[${address.address}]` : address.address;
      resolve({
        host: address.address,
        port: address.port,
        url: `http://${shownHost}:${address.port}`,
      });
    });
  });
}
