// The way of a request through the stages, in order: accept → route → authenticate → read → admit → place → send → stream → settle →
// record. This file knows the order; no stage knows the next.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequestBody, hasBody } from "../body/request-body.ts";
import { modelEntry, modelOperation } from "../dialects/openai/model-api.ts";
import { scanRoutingKeys } from "../dialects/openai/scan-routing-keys.ts";
import { errorAnswer, sendErrorAnswer } from "../errors/answer-error.ts";
import type { ModelsRoute, PoolsRoute } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { acceptRequest, limitDeadline } from "./accept.ts";
import { authenticate, type Authentication } from "./authenticate.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import { MAX_MODEL_BODY_BYTES, readModelBody } from "./read.ts";
import { recordRequest } from "./record.ts";
import { choosePool, findRoute, upstreamTarget } from "./route.ts";
import { serveModel } from "./serve-model.ts";
import { servePlain } from "./serve-plain.ts";

/** Serves one request of a listener. */
export function handleRequest(
  context: WorkerContext,
  listenerId: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { serving } = context;
  const listener = serving?.listeners.get(listenerId);
  if (!serving || !listener) {
    sendErrorAnswer(response, errorAnswer("FB_GATEWAY_NOT_READY", {}, "flyball"), "-");
    return;
  }
  if (context.isDraining) response.shouldKeepAlive = false;
  const { exchange, refusal } = acceptRequest(context, { request, response, serving, listener });
  watchEnd(exchange);
  if (refusal) {
    answerError(exchange, refusal.code, refusal.details);
    return;
  }
  const route = findRoute(exchange);
  if (!route) {
    answerError(exchange, "FB_GATEWAY_NO_ROUTE", { method: exchange.method, path: exchange.path });
  } else if (route.kind === "models") handleModels(exchange, route);
  else handlePlain(exchange, route);
}

/** The response closes exactly once, whole or not: that is the end of the request, whoever brought it about. */
function watchEnd(exchange: Exchange): void {
  const { response } = exchange;
  response.once("close", () => {
    if (response.writableFinished) {
      recordRequest(exchange, response.statusCode);
      return;
    }
    exchange.isClientGone = true;
    exchange.running?.cancel();
    exchange.running = undefined;
    recordRequest(exchange, exchange.wasBrokenOff ? 502 : 499);
  });
}

function handlePlain(exchange: Exchange, route: PoolsRoute): void {
  const pool = choosePool(exchange, route);
  if (!pool) {
    answerError(exchange, "FB_GATEWAY_NO_ENDPOINT", { service: route.id });
    return;
  }
  exchange.pool = pool;
  limitDeadline(exchange, (route.timeouts ?? pool.timeouts).totalMs);
  const { request, response } = exchange;
  const { clock } = exchange.context;
  if (!hasBody(request)) {
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

function handleModels(exchange: Exchange, route: ModelsRoute): void {
  exchange.errorStyle = "openai";
  const path = upstreamTarget(exchange, route).split("?", 1)[0] ?? "/";
  const operation = modelOperation(exchange.method, path);
  const authentication = authenticate(exchange, route);
  if (authentication.kind === "refused") {
    answerError(exchange, "FB_GATEWAY_KEY_INVALID", {});
  } else if (!operation) {
    answerError(exchange, "FB_GATEWAY_NO_ROUTE", { method: exchange.method, path: exchange.path });
  } else if (operation.kind === "call") {
    handleCall(exchange, route, authentication, operation.path);
  } else {
    answerModels(exchange, authentication, operation.kind === "retrieve" ? operation.model : undefined);
  }
}

function handleCall(
  exchange: Exchange,
  route: ModelsRoute,
  authentication: Extract<Authentication, { kind: "granted" }>,
  path: string,
): void {
  readModelBody(exchange.request, (outcome) => {
    if (exchange.isClientGone) return;
    if (outcome.kind === "refused") {
      const { code, reason } = outcome;
      answerError(exchange, code, { reason, limitBytes: MAX_MODEL_BODY_BYTES });
      return;
    }
    const keys = scanRoutingKeys(outcome.body);
    if (keys.kind === "invalid") {
      answerError(exchange, "FB_GATEWAY_BAD_REQUEST", { reason: keys.reason });
      return;
    }
    const model = exchange.serving.models.get(keys.model);
    if (!model || !authentication.mayUse(keys.model)) {
      answerError(exchange, "FB_GATEWAY_MODEL_NOT_FOUND", { model: keys.model });
      return;
    }
    exchange.pool = (model.backends.find(({ pool }) => !pool.isProvider) ?? model.backends[0])?.pool;
    limitDeadline(exchange, (route.timeouts ?? model.timeouts).totalMs);
    serveModel(exchange, { route, model, path, body: outcome.body, keys });
  });
}

function answerModels(
  exchange: Exchange,
  authentication: Extract<Authentication, { kind: "granted" }>,
  only: string | undefined,
): void {
  const names = [...exchange.serving.models.keys()].filter((name) => authentication.mayUse(name));
  if (only !== undefined && !names.includes(only)) {
    answerError(exchange, "FB_GATEWAY_MODEL_NOT_FOUND", { model: only });
    return;
  }
  const created = exchange.context.startedAtSeconds;
  const body = JSON.stringify(
    only === undefined
      ? { object: "list", data: names.map((name) => modelEntry(name, created)) }
      : modelEntry(only, created),
  );
  exchange.response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "x-request-id": exchange.id,
  });
  exchange.response.end(body);
}
