// The way of a request through the stages, in order: accept → route → authenticate → read → admit → place → send → stream → settle →
// record. This file knows the order; no stage knows the next.
import type { ClientRequest, ClientResponse } from "../listen/client-request.ts";
import type { ErrorCode } from "@flyball/core";
import { createRequestBody, hasBody } from "../body/request-body.ts";
import { freeCall } from "../calls/free-call.ts";
import { handleModelRequest } from "../calls/handle-model-request.ts";
import { settleCall } from "../calls/settle-call.ts";
import { applyCors } from "../listen/cors.ts";
import { errorAnswer, sendErrorAnswer } from "../errors/answer-error.ts";
import type { PoolsRoute } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { acceptRequest, limitDeadline } from "./accept.ts";
import { refusalOf } from "./authenticate.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import { recordRequest } from "./record.ts";
import { choosePool, findRoute } from "./route.ts";
import { servePlain } from "./serve-plain.ts";

/** Serves one request of a listener. */
export function handleRequest(
  context: WorkerContext,
  listenerId: string,
  request: ClientRequest,
  response: ClientResponse,
): void {
  const { serving } = context;
  const listener = serving?.listeners.get(listenerId);
  if (!serving || !listener) {
    sendErrorAnswer(response, errorAnswer("FB_GATEWAY_NOT_READY", {}), { id: "-" });
    return;
  }
  if (context.isDraining) response.shouldKeepAlive = false;
  const { exchange, refusal } = acceptRequest(context, { request, response, serving, listener });
  watchEnd(exchange);
  const isPreflight = listener.cors !== undefined && applyCors(listener.cors, request, response);
  if (refusal) {
    answerError(exchange, refusal.code, refusal.details);
    return;
  }
  if (isPreflight) {
    response.writeHead(204).end();
    return;
  }
  const route = findRoute(exchange);
  if (route === "unclear") {
    answerError(exchange, "FB_GATEWAY_BAD_REQUEST", { reason: "its path can be read in two ways" });
  } else if (!route) {
    answerError(exchange, "FB_GATEWAY_NO_ROUTE", { method: exchange.method, path: exchange.path });
  } else {
    exchange.route = route;
    if (route.kind === "models") handleModelRequest(exchange, route);
    else handlePlain(exchange, route);
  }
}

/** The response closes exactly once, whole or not: that is the end of the request, whoever brought it about. */
function watchEnd(exchange: Exchange): void {
  const { response, context } = exchange;
  context.running.add(exchange);
  response.once("close", () => {
    context.running.delete(exchange);
    if (response.writableFinished) {
      end(exchange, response.statusCode);
      return;
    }
    exchange.isClientGone = true;
    exchange.running?.cancel();
    exchange.running = undefined;
    end(exchange, exchange.wasBrokenOff ? 502 : 499);
  });
}

function end(exchange: Exchange, status: number): void {
  recordRequest(exchange, status);
  settleCall(exchange, status);
  // A call that was cut off may still be somewhere on its way.
  if (exchange.call !== undefined && status !== 499) freeCall(exchange.call);
}

function handlePlain(exchange: Exchange, route: PoolsRoute): void {
  const refusal = refusalOf(exchange, route);
  if (refusal instanceof Promise) void refusal.then((code) => passOn(exchange, route, code));
  else passOn(exchange, route, refusal);
}

function passOn(exchange: Exchange, route: PoolsRoute, refusal: ErrorCode | undefined): void {
  if (exchange.isClientGone) return;
  if (refusal !== undefined) {
    answerError(exchange, refusal, {});
    return;
  }
  const pool = choosePool(exchange, route);
  if (!pool) {
    answerError(exchange, "FB_GATEWAY_NO_ENDPOINT", { service: route.id });
    return;
  }
  exchange.pool = pool;
  limitDeadline(exchange, (route.timeouts ?? pool.timeouts).totalMs);
  const { request, response } = exchange;
  const { clock } = exchange.context;
  if (!hasBody(request) || request.wholeBody !== undefined) {
    servePlain(exchange, route, pool, createRequestBody(request, clock));
    return;
  }
  // A small body usually came with the headers; at the end of this turn it is there and needs no stream.
  process.nextTick(() => {
    const body = createRequestBody(request, clock);
    response.once("close", () => body.close());
    servePlain(exchange, route, pool, body);
  });
}
