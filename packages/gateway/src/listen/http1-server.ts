// HTTP/1.1 on connections that somebody else accepted. Parsing is Node's, in its strict form: a request with both a length and a
// transfer encoding, or with two lengths, never reaches a stage.
import { createServer, type IncomingMessage, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "@flyball/core";
import { createTurnBatch } from "../stream/turn-batch.ts";
import { answerMalformed } from "./answer-malformed.ts";
import type { ListenerHandler } from "./http-listener.ts";
import type { ListenerLimits } from "./listener-limits.ts";
import { openShortWay, type ShortWay } from "./short-way.ts";

/** Serves connections. */
export interface Http1Server {
  accept(socket: Socket): void;
  /** Closes connections on which nothing runs. */
  closeIdle(): void;
  stop(): void;
}

/** Kept for longer than is said, as Node does: a request that a client sends at the last moment is still read. */
const KEEP_ALIVE_GRACE_MS = 1_000;

/** Creates it. */
export function createHttp1Server(handler: ListenerHandler, limits: ListenerLimits, clock: Clock): Http1Server {
  // `shouldUpgradeCallback` is younger than the type definitions of this Node version's first release.
  const serverOptions: ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersMs,
    // A long upload is no attack; a body that stops coming is met by the stages that read it.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytes,
    noDelay: true,
    insecureHTTPParser: false,
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = createServer(serverOptions, (request, response) => handler.onRequest(request, response));
  // Node would drop further headers without a word; the accept stage counts them and refuses.
  server.maxHeadersCount = 0;
  server.on("upgrade", (request, socket, head) => handler.onUpgrade(request, socket, head));
  server.on("clientError", (error, socket) => {
    handler.onMalformed();
    answerMalformed(error, socket);
  });
  // Node begins to look for late headers when it listens. This server never does: its connections are given to it.
  server.emit("listening");
  const ways = new Map<Socket, ShortWay>();
  const stopLooking = clock.every(limits.checkEveryMs, () => {
    const before = clock.monotonic() - limits.keepAliveMs - KEEP_ALIVE_GRACE_MS;
    for (const [socket, way] of ways) if ((way.idleSince() ?? Number.POSITIVE_INFINITY) < before) socket.destroy();
  });
  const options = {
    onRequest: handler.onRequest,
    keepAliveLines: `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(limits.keepAliveMs / 1_000)}\r\n`,
    date: createDateText(clock),
    now: () => clock.monotonic(),
    batch: createTurnBatch(),
  };
  return {
    accept(socket) {
      server.emit("connection", socket);
      const way = openShortWay(socket, options);
      if (!way) return;
      ways.set(socket, way);
      socket.once("close", () => ways.delete(socket));
    },
    closeIdle: () => server.closeIdleConnections(),
    stop: stopLooking,
  };
}

/** The date header's value, made once a second. */
function createDateText(clock: Clock): () => string {
  let second = Number.NaN;
  let text = "";
  return () => {
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1_000).toUTCString();
    }
    return text;
  };
}
