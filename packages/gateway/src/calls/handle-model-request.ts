// A request to the model API: who asks for what, whether it may, and on to the machine that serves it.
import { limitDeadline } from "../stages/accept.ts";
import { admit, authenticate, type Identity } from "../stages/authenticate.ts";
import type { Exchange } from "../stages/exchange.ts";
import { readModelBody } from "../stages/read.ts";
import { upstreamTarget } from "../stages/route.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { CallScan, ScanFault } from "../dialects/pass-through/call-scan.ts";
import type { ModelsRoute, ServingKey } from "../worker/serving-state.ts";
import { answerModels } from "./answer-models.ts";
import { needsSurvey, surveyAside } from "./ask-aside.ts";
import { callError, writeError } from "./call-client.ts";
import type { ModelCall } from "./model-call.ts";
import { modelOperation, type ModelOperation } from "./model-operation.ts";
import { runCall } from "./run-call.ts";
import { scanBody } from "./scan-body.ts";
import { scanForm } from "./scan-form.ts";

type CallOperation = Exclude<ModelOperation, { kind: "list" | "retrieve" }>;

/** Serves it. */
export function handleModelRequest(exchange: Exchange, route: ModelsRoute): void {
  const path = upstreamTarget(exchange, route).split("?", 1)[0] ?? "/";
  const operation = modelOperation(exchange.method, path);
  const dialect = dialectOf(exchange, operation);
  exchange.dialect = dialect;
  const identity = authenticate(exchange);
  const asked = { route, operation, dialect };
  if (identity instanceof Promise) void identity.then((found) => serveCaller(exchange, asked, found));
  else serveCaller(exchange, asked, identity);
}

interface AskedOperation {
  readonly route: ModelsRoute;
  readonly operation: ModelOperation | undefined;
  readonly dialect: Dialect;
}

function serveCaller(exchange: Exchange, asked: AskedOperation, identity: Identity): void {
  if (exchange.isClientGone) return;
  const { route, operation, dialect } = asked;
  const refusal = admit(exchange, route, identity);
  const { key } = exchange;
  if (refusal !== undefined) {
    writeError(exchange, dialect, callError(refusal, {}));
  } else if (!operation) {
    const { method } = exchange;
    writeError(exchange, dialect, callError("FB_GATEWAY_NO_ROUTE", { method, path: exchange.path }));
  } else if (operation.kind === "list" || operation.kind === "retrieve") {
    const names = [...exchange.serving.models.keys()].filter((name) => mayUse(route, key, name));
    const only = operation.kind === "retrieve" ? operation.model : undefined;
    if (only === undefined || names.includes(only)) answerModels(exchange, names, only);
    else refuseModel(exchange, dialect, only);
  } else readCall(exchange, { route, operation, dialect });
}

/** Whether a key may name a model: on a route for known keys what it was granted, else what the route offers. */
function mayUse(route: ModelsRoute, key: ServingKey | undefined, model: string): boolean {
  if (!route.models.has(model)) return false;
  return key === undefined ? !route.requiresKey : key.modelSet.has(model) || !route.requiresKey;
}

interface CallOptions {
  readonly route: ModelsRoute;
  readonly operation: CallOperation;
  readonly dialect: Dialect;
}

function readCall(exchange: Exchange, options: CallOptions): void {
  const { maxBodyBytes } = exchange.serving;
  const { clock } = exchange.context;
  readModelBody(exchange.request, { maxBytes: maxBodyBytes, clock }, (outcome) => {
    if (exchange.isClientGone) return;
    if (outcome.kind === "read") scanCall(exchange, options, outcome.body);
    else writeError(exchange, options.dialect, callError(outcome.code, outcome.details));
  });
}

function scanCall(exchange: Exchange, options: CallOptions, body: Buffer): void {
  const { operation, dialect } = options;
  if (operation.kind === "form") {
    startCall(exchange, options, body, scanForm(body, exchange.request.headers["content-type"] ?? ""));
  } else {
    scanBody({ exchange, passThrough: dialect.passThrough, body }, (scan) => startCall(exchange, options, body, scan));
  }
}

function startCall(
  exchange: Exchange,
  { route, operation, dialect }: CallOptions,
  body: Buffer,
  scan: CallScan | ScanFault,
): void {
  if (scan.kind === "invalid") {
    writeError(exchange, dialect, callError("FB_GATEWAY_BAD_REQUEST", { reason: scan.reason }));
    return;
  }
  const model = exchange.serving.models.get(scan.model);
  if (!model || !mayUse(route, exchange.key, scan.model)) {
    refuseModel(exchange, dialect, scan.model);
    return;
  }
  exchange.pool = (model.backends.find(({ pool }) => !pool.isProvider) ?? model.backends[0])?.pool;
  limitDeadline(exchange, (route.timeouts ?? model.timeouts).totalMs);
  const face = {
    dialect,
    path: operation.path,
    isTranslatable: operation.kind === "call",
    isForm: operation.kind === "form",
    output: operation.output,
  };
  const call: ModelCall = {
    exchange,
    route,
    model,
    face,
    body,
    scan,
    bodyReaders: 0,
    normalRequest: undefined,
    survey: undefined,
    written: undefined,
  };
  if (needsSurvey(call)) {
    surveyAside(call, { go: () => runCall(call), refuse: (error) => writeError(exchange, dialect, error) });
  } else runCall(call);
}

function refuseModel(exchange: Exchange, dialect: Dialect, model: string): void {
  writeError(exchange, dialect, callError("FB_GATEWAY_MODEL_NOT_FOUND", { model }, { param: "model" }));
}

/** Errors are told in the words of the API that was asked. */
function dialectOf({ request }: Exchange, operation: ModelOperation | undefined): Dialect {
  if (operation && "face" in operation) return findDialect(operation.face);
  return findDialect(request.headers["anthropic-version"] === undefined ? "openai-chat" : "anthropic-messages");
}
