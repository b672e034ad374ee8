// One inherited descriptor of one worker. A plain TCP server owns it and hands each connection to what the listener speaks at that time:
// HTTP/1.1 as it is, or TLS and behind it HTTP/2 or HTTP/1.1 by ALPN. So TLS can be turned on, off and over to other files while the
// descriptor stays open, and HTTP/1.1 is the same server with and without TLS.
import type { IncomingMessage } from "node:http";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock, ListenerTls } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { ClientRequest, ClientResponse } from "./client-request.ts";
import { createHttp1Server } from "./http1-server.ts";
import { createHttp2Door, type Http2Door } from "./http2-door.ts";
import { LISTENER_LIMITS, type ListenerLimits } from "./listener-limits.ts";
import { watchReaders, type ReaderWatch } from "./stalled-readers.ts";
import { openTlsDoor, type TlsDoor } from "./tls-door.ts";

/** Callbacks of a listener. Requests of HTTP/2 come in the same form as those of HTTP/1.1. */
export interface ListenerHandler {
  onRequest(request: ClientRequest, response: ClientResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  onConnections(change: number): void;
  /** A connection that got no further: no HTTP, no TLS, nothing in time. */
  onMalformed(): void;
}

/** A listening server. */
export interface HttpListener {
  /**
   * What new connections speak from now on. Open ones of the other kind end after the request that runs. Returns why TLS cannot be
   * spoken yet: until the files are right connections are closed, and nothing goes out in plain.
   */
  secure(tls: ListenerTls | undefined): Promise<string | undefined>;
  /** Closes the descriptor; connections that are open stay, those of HTTP/2 are told to begin nothing new. */
  stopAccepting(): void;
  /** Closes connections on which nothing runs. */
  closeIdle(): void;
  closeAll(): void;
}

/** What listening needs. */
export interface ListenOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<ListenerLimits>;
}

/** Listens on a descriptor, closing every connection until `secure` was called. Rejects with the system's error: EADDRINUSE says that another program took the port. */
export function listenOn(descriptor: number, handler: ListenerHandler, options: ListenOptions): Promise<HttpListener> {
  const limits = { ...LISTENER_LIMITS, ...options.limits };
  // Half-open as Node's own HTTP server, which ends its side itself when a client has ended its own.
  const front = createServer({ allowHalfOpen: true, noDelay: true });
  front.maxConnections = limits.connections;
  const listener = createListener({ ...options, handler, limits });
  front.on("connection", (socket) => listener.accept(socket));
  return new Promise((resolve, reject) => {
    front.once("error", reject);
    front.listen({ fd: descriptor }, () => {
      front.off("error", reject);
      front.on("error", () => undefined);
      let isListening = true;
      resolve({
        secure: listener.secure,
        stopAccepting() {
          if (!isListening) return;
          isListening = false;
          front.close();
          listener.stopAccepting();
        },
        closeIdle: listener.closeIdle,
        closeAll: listener.closeAll,
      });
    });
  });
}

interface ListenerParts extends ListenOptions {
  readonly handler: ListenerHandler;
  readonly limits: ListenerLimits;
}

interface Listener extends Omit<HttpListener, "stopAccepting"> {
  accept(socket: Socket): void;
  stopAccepting(): void;
}

type Manner = "none" | "plain" | "tls";

function createListener(parts: ListenerParts): Listener {
  const { handler, clock, logger, limits } = parts;
  const sockets = new Set<Socket>();
  const readers: ReaderWatch = watchReaders(clock, limits);
  let manner: Manner = "none";
  let hasChanged = false;
  let files: ListenerTls | undefined;
  let door: TlsDoor | undefined;
  const http1 = createHttp1Server(
    {
      ...handler,
      onRequest(request, response) {
        if (hasChanged && isEncrypted(request.socket) !== (manner === "tls")) response.shouldKeepAlive = false;
        handler.onRequest(request, response);
      },
    },
    limits,
    clock,
  );
  const http2: Http2Door = createHttp2Door(handler, { clock, limits, readers });
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  const serveHttp1 = (socket: Socket): void => {
    readers.add(socket);
    http1.accept(socket);
  };
  const onSecure = (socket: TLSSocket): void => {
    track(socket);
    if (socket.alpnProtocol === "h2") http2.accept(socket);
    else serveHttp1(socket);
  };
  const closeIdle = (): void => {
    http1.closeIdle();
    http2.closeIdle();
    // Node does not count a connection as idle on which nothing ever came.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  return {
    accept(socket) {
      track(socket);
      handler.onConnections(1);
      socket.once("close", () => handler.onConnections(-1));
      if (manner === "plain") serveHttp1(socket);
      else if (door) door.accept(socket);
      else socket.destroy();
    },
    async secure(tls) {
      if (tls === undefined) {
        door?.stop();
        door = undefined;
        files = undefined;
        hasChanged ||= manner === "tls";
        manner = "plain";
        if (hasChanged) http2.finish();
        return undefined;
      }
      if (door && files?.certificateFile === tls.certificateFile && files.keyFile === tls.keyFile)
        return door.problem();
      const onRefused = handler.onMalformed;
      const next = await openTlsDoor(tls, { clock, logger, limits, onSecure, onRefused });
      door?.stop();
      door = next;
      files = tls;
      hasChanged ||= manner === "plain";
      manner = "tls";
      if (hasChanged) closeIdle();
      return next.problem();
    },
    stopAccepting() {
      door?.stop();
      http2.stopAccepting();
    },
    closeIdle,
    closeAll() {
      readers.stop();
      http1.stop();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function isEncrypted(socket: Socket): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}
