// HTTP/2 on connections whose TLS handshake chose it. Each stream becomes a request like one of HTTP/1.1. Node's own guards are set
// tight: a client that opens and cancels streams, sends frames that mean nothing, or headers without end loses its connection.
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createServer,
  type Http2Server,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerOptions,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Clock } from "@flyball/core";
import { LINGER_MS } from "../body/request-body.ts";
import { errorAnswer, sendErrorAnswer } from "../errors/answer-error.ts";
import type { ListenerHandler } from "./http-listener.ts";
import { Http2Request } from "./http2-request.ts";
import { Http2Response } from "./http2-response.ts";
import type { ListenerLimits } from "./listener-limits.ts";
import type { ReaderWatch } from "./stalled-readers.ts";

/** Frames of one connection that are refused before it is closed. */
const MAX_INVALID_FRAMES = 100;
const MAX_REJECTED_STREAMS = 50;
/** Headers of a request with its pseudo headers; the accept stage counts to 100. */
const MAX_HEADER_PAIRS = 128;
/** Bytes that a client may send ahead: on one stream, and on all of a connection. */
const STREAM_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 2 * 1024 * 1024;

/** What the door needs. */
export interface Http2DoorOptions {
  readonly clock: Clock;
  readonly limits: ListenerLimits;
  readonly readers: ReaderWatch;
}

/** Serves connections. */
export interface Http2Door {
  accept(socket: TLSSocket): void;
  /** Connections that come from now on, and those that are open, get GOAWAY: what runs ends, nothing new begins. */
  stopAccepting(): void;
  /** As before, for those that are open now. */
  finish(): void;
  closeIdle(): void;
}

/** Creates it. */
export function createHttp2Door(handler: ListenerHandler, { clock, limits, readers }: Http2DoorOptions): Http2Door {
  const server = createServer(serverOptions(limits));
  /** Open streams of each open connection. */
  const sessions = new Map<ServerHttp2Session, number>();
  let isStopped = false;
  const closeWhereIdle = (session: ServerHttp2Session): void => {
    if (sessions.get(session) === 0 && !session.closed) session.close();
  };
  server.on("session", (session) => {
    sessions.set(session, 0);
    session.once("close", () => sessions.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.setTimeout(limits.keepAliveMs, () => closeWhereIdle(session));
    session.on("stream", (stream) => {
      sessions.set(session, (sessions.get(session) ?? 0) + 1);
      stream.once("close", () => {
        const open = sessions.get(session);
        if (open !== undefined) sessions.set(session, open - 1);
      });
    });
    if (isStopped) session.close();
  });
  serveRequests(server, handler, { clock, limits, readers });
  const finish = (): void => {
    for (const session of sessions.keys()) if (!session.closed) session.close();
  };
  return {
    accept: (socket) => void server.emit("connection", socket),
    stopAccepting() {
      isStopped = true;
      finish();
    },
    finish,
    closeIdle() {
      for (const session of sessions.keys()) closeWhereIdle(session);
    },
  };
}

function serverOptions(limits: ListenerLimits): ServerOptions {
  return {
    maxSessionInvalidFrames: MAX_INVALID_FRAMES,
    maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
    streamResetBurst: limits.streamResets,
    streamResetRate: limits.streamResetsPerSecond,
    maxHeaderListPairs: MAX_HEADER_PAIRS,
    strictSingleValueFields: false,
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: STREAM_WINDOW,
      enablePush: false,
    },
    Http2ServerRequest: Http2Request,
    Http2ServerResponse: Http2Response as typeof Http2ServerResponse,
  };
}

function serveRequests(server: Http2Server, handler: ListenerHandler, { clock, readers }: Http2DoorOptions): void {
  server.on("request", (request: unknown, response: unknown) => {
    const made = response as Http2Response;
    readers.add(made);
    closeAfterAnswer(made, clock);
    // The two classes have what the stages use of Node's HTTP/1.1 forms.
    handler.onRequest(request as IncomingMessage, response as ServerResponse);
  });
  // Without RFC 8441 a WebSocket has no form here: clients see that in the settings and use HTTP/1.1.
  server.on("connect", (_request: unknown, response: unknown) => {
    const answer = errorAnswer("FB_GATEWAY_PROTOCOL", { protocol: "CONNECT or WebSocket over HTTP/2" });
    sendErrorAnswer(response as ServerResponse, answer, { id: "-" });
  });
  server.on("sessionError", () => handler.onMalformed());
}

/** An answer may come before the request's body is whole. What still comes is dropped for a second, then the client is told to stop. */
function closeAfterAnswer({ stream }: Http2Response, clock: Clock): void {
  stream.once("finish", () => {
    if (stream.readableEnded || stream.destroyed || stream.closed) return;
    const cancel = clock.after(LINGER_MS, () => {
      if (!stream.closed) stream.close();
    });
    stream.once("close", cancel);
  });
}
