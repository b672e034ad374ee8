// A WebSocket on a plain route: the handshake goes through the same stages as a request; after the upstream's 101 the two sockets are
// joined and every byte passes as it comes.
import { ServerResponse, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AttemptOutcome, ErrorCode } from "@flyball/core";
import { errorAnswer, sendErrorAnswer } from "../errors/answer-error.ts";
import { spliceSockets } from "../stream/splice-sockets.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import type { Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { PoolsRoute } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { acceptRequest } from "./accept.ts";
import { refusalOf } from "./authenticate.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import { recordRequest } from "./record.ts";
import { clientHeaders } from "./response-headers.ts";
import { choosePool, findRoute, upstreamTarget } from "./route.ts";
import { startAttempt } from "./send.ts";
import { writePiece, writeResponseHead } from "./stream.ts";
import { buildUpstreamHeaders } from "./upstream-headers.ts";

/** What Node's upgrade event brings. */
export interface UpgradeArrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** First bytes behind the handshake. */
  readonly head: Buffer;
}

/** Serves one upgrade request. */
export function handleUpgrade(context: WorkerContext, listenerId: string, arrival: UpgradeArrival): void {
  const { request, socket, head } = arrival;
  socket.on("error", () => undefined);
  // Behind an answer that still runs: whose bytes come next could not be told.
  if ((socket as Socket & { readonly _httpMessage?: unknown })._httpMessage) {
    socket.destroy();
    return;
  }
  const response = responseOn(request, socket as Socket);
  const { serving } = context;
  const listener = serving?.listeners.get(listenerId);
  if (!serving || !listener) {
    sendErrorAnswer(response, errorAnswer("FB_GATEWAY_NOT_READY", {}), { id: "-" });
    return;
  }
  const { exchange, refusal } = acceptRequest(context, { request, response, serving, listener });
  socket.once("close", () => {
    exchange.isClientGone = true;
    exchange.running?.cancel();
    recordRequest(exchange, response.headersSent ? response.statusCode : 499);
  });
  if (refusal) return answerError(exchange, refusal.code, refusal.details);
  const route = findRoute(exchange);
  if (route === "unclear") {
    answerError(exchange, "FB_GATEWAY_BAD_REQUEST", { reason: "its path can be read in two ways" });
    return;
  }
  const pool = route?.kind === "pools" ? choosePool(exchange, route) : undefined;
  if (route?.kind !== "pools" || !pool) {
    answerError(exchange, "FB_GATEWAY_NO_ROUTE", { method: exchange.method, path: exchange.path });
    return;
  }
  exchange.pool = pool;
  const run = { exchange, response, route, pool, socket: socket as Socket, head, tried: new Set<Endpoint>() };
  const refused = refusalOf(exchange, route);
  if (refused instanceof Promise) void refused.then((code) => begin(run, code));
  else begin(run, refused);
}

interface UpgradeRun {
  readonly exchange: Exchange;
  /** Node's own, made for this socket. */
  readonly response: ServerResponse;
  readonly route: PoolsRoute;
  readonly pool: Pool;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly tried: Set<Endpoint>;
}

function begin(run: UpgradeRun, refusal: ErrorCode | undefined): void {
  if (refusal === undefined) attemptNext(run);
  else answerError(run.exchange, refusal, {});
}

function attemptNext(run: UpgradeRun): void {
  const { exchange, pool } = run;
  if (exchange.isClientGone) return;
  awaitPlace(exchange, pool, run.tried, {
    onPlaced: (endpoint, ticket, booking) => send(run, { endpoint, ticket, booking }),
    onNoPlace: ({ code, retryAfterMs }) => answerError(exchange, code, { service: pool.id }, retryAfterMs),
  });
}

interface TakenPlace {
  readonly endpoint: Endpoint;
  readonly ticket: number;
  readonly booking: Booking | undefined;
}

function send(run: UpgradeRun, { endpoint, ticket, booking }: TakenPlace): void {
  const { exchange, route, pool } = run;
  const { response, request } = exchange;
  const attempt = startAttempt({
    exchange,
    pool,
    endpoint,
    ticket,
    booking,
    timeouts: route.timeouts ?? pool.timeouts,
    isPlain: true,
    request: {
      method: exchange.method,
      path: upstreamTarget(exchange, route),
      headers: buildUpstreamHeaders(exchange, { isWholeBody: true }),
      body: null,
      upgrade: request.headers.upgrade ?? "websocket",
    },
    handler: {
      onInformation: () => undefined,
      onHead: (head) => writeResponseHead(exchange, head),
      onData: (chunk) => writePiece(response, chunk, attempt),
      onEnd: () => response.end(),
      onUpgraded: (head, upstream, release) => join(run, head, upstream, release),
      onFailure(failure) {
        exchange.running = undefined;
        if (exchange.isClientGone) return;
        if (response.headersSent) run.socket.destroy();
        else if (failure.kind === "refused") {
          run.tried.add(endpoint);
          exchange.wasRetried = true;
          attemptNext(run);
        } else {
          const isTimeout = failure.kind === "timeout";
          answerError(exchange, isTimeout ? "FB_GATEWAY_TIMEOUT" : "FB_GATEWAY_UPSTREAM_LOST", {
            service: pool.id,
            reason: failure.reason,
            timeoutMs: failure.limit?.limitMs,
          });
        }
      },
    },
  });
  exchange.running = attempt;
}

/** Writes the 101 and joins the sockets. The endpoint's place stays taken until both are closed. */
function join(run: UpgradeRun, head: ResponseHead, upstream: Duplex, release: (outcome: AttemptOutcome) => void): void {
  const { exchange, socket } = run;
  const { context } = exchange;
  const { list } = clientHeaders(head, exchange);
  const protocol = exchange.request.headers.upgrade ?? "websocket";
  let text = `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n`;
  for (let index = 0; index < list.length; index += 2) {
    text += `${list[index]}: ${list[index + 1]}\r\n`;
  }
  run.response.detachSocket(socket);
  exchange.response.statusCode = 101;
  socket.write(`${text}\r\n`, "latin1");
  if (run.head.length > 0) upstream.write(run.head);
  const close = (): void => {
    socket.destroy();
    upstream.destroy();
  };
  context.upgraded.add(close);
  exchange.running = undefined;
  spliceSockets(socket, upstream as Socket, () => {
    context.upgraded.delete(close);
    release("succeeded");
    recordRequest(exchange, 101);
  });
}

function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.end());
  return response;
}
