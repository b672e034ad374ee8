// A call of the model API from its route to its end. Backends are tried in their order, endpoints within a backend by load, until one
// brings content; from then on there is no way back.
import { decideFailover } from "@flyball/traffic";
import type { RoutingKeys } from "../dialects/openai/scan-routing-keys.ts";
import { spliceModel } from "../dialects/openai/splice-model.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ModelsRoute, ServingBackend, ServingModel } from "../worker/serving-state.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { createModelClient, type ModelClient } from "./model-client.ts";
import { modelHeaders } from "./model-headers.ts";
import { readModelResponse, type HeldResponse, type ModelResponse, type ModelStep } from "./model-response.ts";
import { place } from "./place.ts";
import { startAttempt, type Attempt, type AttemptFailure } from "./send.ts";

/** What a call is about. */
export interface ModelCall {
  readonly route: ModelsRoute;
  readonly model: ServingModel;
  /** `/chat/completions` and the like. */
  readonly path: string;
  readonly body: Buffer;
  readonly keys: RoutingKeys;
}

interface ModelRun extends ModelCall {
  readonly exchange: Exchange;
  readonly client: ModelClient;
  backendIndex: number;
  /** Attempts at the current backend that sent something. */
  sentToBackend: number;
  tried: Set<Endpoint>;
  /** The last error that an upstream answered; better than any of our own. */
  held: HeldResponse | undefined;
  lastFailure: AttemptFailure | undefined;
}

/** Serves it. */
export function serveModel(exchange: Exchange, call: ModelCall): void {
  for (const { pool } of call.model.backends) pool.budget.onRequest(exchange.startedAt);
  attemptNext({
    ...call,
    exchange,
    client: createModelClient(exchange, call.model.name, call.keys.isStream),
    backendIndex: 0,
    sentToBackend: 0,
    tried: new Set(),
    held: undefined,
    lastFailure: undefined,
  });
}

function attemptNext(run: ModelRun): void {
  const { exchange, model, client } = run;
  if (exchange.isClientGone) return;
  const backend = model.backends[run.backendIndex];
  if (!backend) return giveUp(run);
  const isLast = run.backendIndex === model.backends.length - 1;
  if (isLast && !run.held) {
    awaitPlace(exchange, backend.pool, run.tried, {
      onPlaced: (endpoint) => send(run, backend, endpoint),
      onNoPlace: (code) =>
        client.error(code, { service: backend.pool.id, model: model.name, reason: run.lastFailure?.reason }),
    });
    return;
  }
  // Something else is left, or an upstream's own error can be answered: no reason to wait for a place.
  const placement = place(exchange.context, backend.pool, run.tried);
  if (placement.kind === "placed") send(run, backend, placement.endpoint);
  else nextBackend(run);
}

function nextBackend(run: ModelRun): void {
  run.backendIndex += 1;
  run.sentToBackend = 0;
  run.tried = new Set();
  attemptNext(run);
}

function send(run: ModelRun, backend: ServingBackend, endpoint: Endpoint): void {
  const { exchange, client, model, route } = run;
  let response: ModelResponse | undefined;
  const attempt: Attempt = startAttempt({
    exchange,
    pool: backend.pool,
    endpoint,
    timeouts: route.timeouts ?? model.timeouts,
    request: {
      method: "POST",
      path: backend.basePath + run.path,
      headers: modelHeaders(exchange, backend, endpoint),
      body: spliceModel(run.body, run.keys, backend.model),
    },
    handler: {
      onInformation: () => undefined,
      onHead(head) {
        const isRefused = head.status === 401 || head.status === 403;
        response = readModelResponse(head, isRefused && backend.authorization !== undefined);
      },
      onData: (chunk) => response && onStep(run, backend, attempt, response.onData(chunk)),
      onEnd: () => response && onStep(run, backend, attempt, response.onEnd()),
      onUpgraded(_head, socket, release) {
        socket.destroy();
        release("reset");
        fail(run, backend, endpoint, noAnswer("the backend switched protocols"));
      },
      onFailure(failure) {
        if (response?.isCommitted) client.cut(failure.reason);
        else fail(run, backend, endpoint, failure);
      },
    },
  });
  exchange.running = attempt;
}

function onStep(run: ModelRun, backend: ServingBackend, attempt: Attempt, step: ModelStep): void {
  const { client } = run;
  switch (step.kind) {
    case "wait":
      return;
    case "commit":
      client.commit(step, attempt);
      return;
    case "pass":
      client.pass(step.bytes, attempt);
      return;
    case "end":
      client.end(step.bytes);
      return;
    case "whole":
      client.whole(step.response);
      return;
    case "cut":
      client.cut(step.reason);
      return;
    case "fail":
      attempt.cancel("server-error", step.reason);
      if (step.response) run.held = step.response;
      fail(run, backend, attempt.endpoint, noAnswer(step.reason), true);
      return;
    default:
      step satisfies never;
  }
}

/** An attempt brought nothing that the client saw. */
function fail(
  run: ModelRun,
  backend: ServingBackend,
  endpoint: Endpoint,
  failure: AttemptFailure,
  wasAnswered = false,
): void {
  const { exchange, route, client } = run;
  exchange.running = undefined;
  if (exchange.isClientGone) return;
  if (failure.kind === "unsendable") {
    client.error("FB_GATEWAY_BAD_REQUEST", { reason: failure.reason });
    return;
  }
  run.lastFailure = failure;
  run.tried.add(endpoint);
  if (failure.wasSent) run.sentToBackend += 1;
  const { pool } = backend;
  const now = exchange.context.clock.monotonic();
  const next = decideFailover({
    isInTime: exchange.deadlineAt > now,
    wasSent: failure.wasSent,
    failure: wasAnswered ? "answered" : failure.kind === "timeout" ? "timeout" : "lost",
    isAnotherEndpointLeft: pool.serving.some((other) => !run.tried.has(other)),
    isLastBackend: run.backendIndex === run.model.backends.length - 1,
    attemptsSent: run.sentToBackend,
    retriesAllowed: (route.retries ?? pool.retries).attempts,
    takeBudget: () => pool.budget.tryTake(now),
  });
  if (next === "give-up") return giveUp(run);
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  if (next === "same-backend") attemptNext(run);
  else nextBackend(run);
}

function giveUp(run: ModelRun): void {
  const { client, model, held, lastFailure } = run;
  if (held) {
    client.whole(held);
    return;
  }
  const details = { model: model.name, service: model.name, reason: lastFailure?.reason ?? "none" };
  if (lastFailure?.kind === "timeout") {
    client.error("FB_GATEWAY_TIMEOUT", { ...details, timeoutMs: lastFailure.limit?.limitMs });
  } else client.error("FB_GATEWAY_BACKENDS_FAILED", details);
}

function noAnswer(reason: string): AttemptFailure {
  return { kind: "reset", wasSent: true, reason };
}
