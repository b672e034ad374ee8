// A call of the model API from its route to its end. Backends are tried in their order, endpoints within a backend by load, until one
// brings content; from then on there is no way back.
import { decideRetry } from "@flyball/traffic";
import type { RoutingKeys } from "../dialects/openai/scan-routing-keys.ts";
import { spliceModel } from "../dialects/openai/splice-model.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ModelsRoute, ServingBackend, ServingModel } from "../worker/serving-state.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { createModelClient, type ModelClient } from "./model-client.ts";
import { readModelResponse, type HeldResponse, type ModelResponse, type ModelStep } from "./model-response.ts";
import { modelHeaders } from "./model-headers.ts";
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
  const run: ModelRun = {
    ...call,
    exchange,
    client: createModelClient(exchange, call.keys.isStream),
    backendIndex: 0,
    sentToBackend: 0,
    tried: new Set(),
    held: undefined,
    lastFailure: undefined,
  };
  for (const { pool } of call.model.backends) pool.budget.onRequest(exchange.startedAt);
  attemptNext(run);
}

function attemptNext(run: ModelRun): void {
  const { exchange, model, client } = run;
  if (exchange.isClientGone) return client.close();
  const backend = model.backends[run.backendIndex];
  if (!backend) return giveUp(run);
  const isLast = run.backendIndex === model.backends.length - 1;
  if (!isLast || run.held) {
    const placement = place(exchange.context, backend.pool, run.tried);
    if (placement.kind === "placed") send(run, backend, placement.endpoint);
    else nextBackend(run);
    return;
  }
  awaitPlace(exchange, backend.pool, run.tried, {
    onPlaced: (endpoint) => send(run, backend, endpoint),
    onNoPlace: (code) => client.error(code, { service: backend.pool.id, model: model.name }),
  });
  if (!exchange.isClientGone) keepClosing(exchange, client);
}

/** While it waits, a client that leaves must end the hold timer too. */
function keepClosing(exchange: Exchange, client: ModelClient): void {
  const leave = exchange.onClientGone;
  if (!leave) return;
  exchange.onClientGone = () => {
    client.close();
    leave();
  };
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
  const follow = (step: ModelStep): void => onStep(run, backend, attempt, step);
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
      onHead(head: ResponseHead) {
        const isRefused = head.status === 401 || head.status === 403;
        response = readModelResponse(head, isRefused && backend.authorization !== undefined);
      },
      onData: (chunk) => response && follow(response.onData(chunk)),
      onEnd: () => response && follow(response.onEnd()),
      onUpgraded: (_head, socket, release) => {
        socket.destroy();
        release("reset");
        fail(run, backend, endpoint, lost("the backend switched protocols"));
      },
      onFailure(failure) {
        if (response?.isCommitted) {
          client.cut("FB_GATEWAY_STREAM_CUT", { model: model.name, reason: failure.reason });
        } else fail(run, backend, endpoint, failure);
      },
    },
  });
  exchange.onClientGone = () => {
    client.close();
    attempt.cancel();
  };
}

function onStep(run: ModelRun, backend: ServingBackend, attempt: Attempt, step: ModelStep): void {
  const { client, model } = run;
  switch (step.kind) {
    case "wait":
      return;
    case "commit":
      client.commit(step.head, step.bytes, attempt);
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
      client.cut("FB_GATEWAY_STREAM_CUT", { model: model.name, reason: step.reason });
      return;
    case "fail":
      attempt.cancel("server-error", step.reason);
      if (step.response) run.held = step.response;
      fail(run, backend, attempt.endpoint, lost(step.reason), true);
      return;
    default:
      step satisfies never;
  }
}

/** An attempt brought nothing that the client saw: another endpoint of the backend, else the next backend. */
function fail(
  run: ModelRun,
  backend: ServingBackend,
  endpoint: Endpoint,
  failure: AttemptFailure,
  wasAnswered = false,
): void {
  const { exchange, route, client } = run;
  exchange.onClientGone = undefined;
  if (exchange.isClientGone) return client.close();
  if (failure.kind === "unsendable") {
    client.error("FB_GATEWAY_BAD_REQUEST", { reason: failure.reason });
    return;
  }
  run.lastFailure = failure;
  run.tried.add(endpoint);
  if (failure.wasSent) run.sentToBackend += 1;
  const { pool } = backend;
  const retries = route.retries ?? pool.retries;
  const isAnotherLeft = pool.serving.some((other) => !run.tried.has(other));
  const isLast = run.backendIndex === run.model.backends.length - 1;
  // The same instance again only when there is nothing else, and never when it has just answered no.
  const mayRepeat = isAnotherLeft || (isLast && !wasAnswered);
  const decision = decideRetry({
    method: "POST",
    hasIdempotencyKey: false,
    isModelCallBeforeCommit: true,
    isUnsafeAllowed: retries.isUnsafeAllowed,
    wasSent: failure.wasSent,
    isResponseStarted: false,
    isBodyReplayable: true,
    failure: failure.kind,
    attemptsSent: run.sentToBackend,
    retriesAllowed: retries.attempts,
    takeBudget: () => pool.budget.tryTake(exchange.context.clock.monotonic()),
  });
  const isInTime = exchange.deadlineAt > exchange.context.clock.monotonic();
  if (!isInTime) return giveUp(run);
  const isRetry = mayRepeat && decision.action === "retry";
  if (!isRetry && isLast) return giveUp(run);
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  if (isRetry) attemptNext(run);
  else nextBackend(run);
}

function giveUp(run: ModelRun): void {
  const { client, model, held, lastFailure } = run;
  if (held && !run.exchange.response.headersSent) {
    client.whole(held);
    return;
  }
  const details = { model: model.name, service: model.name, reason: lastFailure?.reason ?? "none" };
  if (lastFailure?.kind === "timeout") {
    client.error("FB_GATEWAY_TIMEOUT", { ...details, timeoutMs: lastFailure.limitMs });
  } else client.error("FB_GATEWAY_BACKENDS_FAILED", details);
}

function lost(reason: string): AttemptFailure {
  return { kind: "reset", wasSent: true, reason };
}
