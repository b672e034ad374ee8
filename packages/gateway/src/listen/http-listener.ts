// One HTTP server of one worker on one inherited descriptor. Parsing is Node's, in its strict form: a request with both a length and a
// transfer encoding, or with two lengths, never reaches a stage.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { answerMalformed } from "./answer-malformed.ts";

/** Idle connections stay open longer than most clients and proxies keep them, so that the client closes first. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 30_000;
/** Connections of one worker on one listener; the system closes further ones at once. */
export const MAX_CLIENT_CONNECTIONS = 16_384;

/** Callbacks of a listener. */
export interface ListenerHandler {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  onConnections(change: number): void;
  onMalformed(): void;
}

/** A listening server. */
export interface HttpListener {
  /** Closes the descriptor; connections that are open stay. */
  stopAccepting(): void;
  /** Closes connections on which nothing runs. */
  closeIdle(): void;
  closeAll(): void;
}

/** Listens on a descriptor. Rejects with the system's error: EADDRINUSE says that another program took the port. */
export function listenOn(descriptor: number, handler: ListenerHandler): Promise<HttpListener> {
  // `shouldUpgradeCallback` is younger than the type definitions of this Node version's first release.
  const options: ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: 0,
    noDelay: true,
    insecureHTTPParser: false,
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = createServer(options, (request, response) => handler.onRequest(request, response));
  server.maxConnections = MAX_CLIENT_CONNECTIONS;
  server.on("upgrade", (request, socket, head) => handler.onUpgrade(request, socket, head));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    handler.onConnections(1);
    socket.once("close", () => {
      sockets.delete(socket);
      handler.onConnections(-1);
    });
  });
  server.on("clientError", (error, socket) => {
    handler.onMalformed();
    answerMalformed(error, socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd: descriptor }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve(httpListener(server, sockets));
    });
  });
}

function httpListener(server: Server, sockets: ReadonlySet<Socket>): HttpListener {
  let isListening = true;
  return {
    stopAccepting() {
      if (!isListening) return;
      isListening = false;
      // http's own close would also close idle connections at once, among them ones whose request is on its way.
      NetServer.prototype.close.call(server);
    },
    closeIdle() {
      server.closeIdleConnections();
      // Node does not count a connection as idle on which nothing ever came.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
    closeAll: () => server.closeAllConnections(),
  };
}
