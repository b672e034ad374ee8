// A model call from its candidates to its end: the one machine for every dialect. Before the first content anything may be tried
// elsewhere; from then on the answer goes on, is resumed, or ends in an error that its client can see.
import { decideFailover } from "@flyball/traffic";
import { awaitPlace } from "../stages/await-place.ts";
import type { Exchange } from "../stages/exchange.ts";
import { place } from "../stages/place.ts";
import { startAttempt, type Attempt, type AttemptFailure } from "../stages/send.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { createAnswerFormat } from "./answer-format.ts";
import { answerBackendError, judgeAnswered } from "./backend-error.ts";
import { readAttempt, type AnsweredError, type AttemptAnswer, type AttemptStep } from "./attempt-answer.ts";
import { canAsk, writeBackendRequest, type BackendRequest } from "./backend-request.ts";
import { callError, createCallClient, type CallClient } from "./call-client.ts";
import { callHeaders } from "./call-headers.ts";
import type { ModelCall } from "./model-call.ts";

/** What a run knows of its attempts so far. */
interface CallRun {
  readonly call: ModelCall;
  readonly exchange: Exchange;
  readonly client: CallClient;
  /** In the order in which they are tried. */
  readonly candidates: readonly ServingBackend[];
  candidate: number;
  /** Attempts at the current candidate that sent something. */
  sentToBackend: number;
  tried: Set<Endpoint>;
  /** The last error that a backend answered with; better than any of our own. */
  answered: { readonly error: AnsweredError; readonly backend: ServingBackend } | undefined;
  lastFailure: AttemptFailure | undefined;
  /** A field that a backend of another dialect has no counterpart for. */
  refused: { readonly field: string; readonly reason: string } | undefined;
  attempts: number;
}

/** Serves a call. */
export function runCall(call: ModelCall, candidates: readonly ServingBackend[]): void {
  const { exchange, face, scan } = call;
  for (const pool of new Set(candidates.map((backend) => backend.pool))) pool.budget.onRequest(exchange.startedAt);
  attemptNext({
    call,
    exchange,
    client: createCallClient(exchange, face.dialect, scan.isStream),
    candidates: candidates.filter((backend) => canAsk(call, backend)),
    candidate: 0,
    sentToBackend: 0,
    tried: new Set(),
    answered: undefined,
    lastFailure: undefined,
    refused: undefined,
    attempts: 0,
  });
}

function attemptNext(run: CallRun): void {
  const { exchange, candidates, call } = run;
  if (exchange.isClientGone) return;
  const backend = candidates[run.candidate];
  if (!backend) return giveUp(run);
  const written = writeBackendRequest(call, backend, undefined);
  if (written.kind === "refused") {
    run.refused = { field: written.field, reason: written.reason };
    nextBackend(run);
    return;
  }
  const request = written.value;
  const isLast = run.candidate === candidates.length - 1;
  if (isLast && !run.answered) {
    awaitPlace(exchange, backend.pool, run.tried, {
      onPlaced: (endpoint) => send(run, { backend, endpoint, request }),
      onNoPlace(code) {
        const reason = run.lastFailure?.reason;
        run.client.error(callError(code, { service: backend.pool.id, model: call.model.name, reason }));
      },
    });
    return;
  }
  // Something else is left, or a backend's own error can be answered: no reason to wait for a place.
  const placement = place(exchange.context, backend.pool, run.tried);
  if (placement.kind === "placed") send(run, { backend, endpoint: placement.endpoint, request });
  else nextBackend(run);
}

function nextBackend(run: CallRun): void {
  run.candidate += 1;
  run.sentToBackend = 0;
  run.tried = new Set();
  attemptNext(run);
}

interface Sending {
  readonly backend: ServingBackend;
  readonly endpoint: Endpoint;
  readonly request: BackendRequest;
}

function send(run: CallRun, { backend, endpoint, request }: Sending): void {
  const { exchange, call, client } = run;
  const { route, model, scan } = call;
  let answer: AttemptAnswer | undefined;
  const timeouts = route.timeouts ?? model.timeouts;
  const step = (next: AttemptStep): void => onStep(run, { backend, attempt, request }, next);
  const attempt: Attempt = startAttempt({
    exchange,
    pool: backend.pool,
    endpoint,
    timeouts: scan.isStream ? { ...timeouts, firstTokenMs: model.firstTokenMs } : timeouts,
    request: {
      method: "POST",
      path: backend.basePath + request.path,
      headers: callHeaders(exchange, { backend, endpoint, request }),
      body: request.body,
    },
    handler: {
      onInformation: () => undefined,
      onHead(head) {
        run.attempts += 1;
        answer = readAttempt(head, createAnswerFormat(call, backend, request));
      },
      onData: (chunk) => answer && step(answer.onData(chunk)),
      onEnd() {
        if (!answer) return;
        const last = answer.onEnd();
        step(last);
        if (last.kind === "commit") client.end(last.bytes.subarray(last.bytes.length));
      },
      onUpgraded(_head, socket, release) {
        socket.destroy();
        release("reset");
        fail(run, { backend, endpoint }, noAnswer("the backend switched protocols"));
      },
      onFailure(failure) {
        if (answer?.isCommitted) cut(run, failure.reason);
        else fail(run, { backend, endpoint }, failure);
      },
    },
  });
  exchange.running = attempt;
}

interface RunningAttempt {
  readonly backend: ServingBackend;
  readonly attempt: Attempt;
  readonly request: BackendRequest;
}

function onStep(run: CallRun, { backend, attempt, request }: RunningAttempt, step: AttemptStep): void {
  const { client } = run;
  const origin = { backend: backend.id, isTranslated: request.isTranslated, attempts: run.attempts };
  switch (step.kind) {
    case "wait":
      return;
    case "commit":
      attempt.onContent();
      client.commit(step.head, step.bytes, { isEvents: step.isEvents, origin, flow: attempt });
      return;
    case "pass":
      client.pass(step.bytes, attempt);
      return;
    case "end":
      client.end(step.bytes);
      return;
    case "whole":
      client.whole(step.head, step.bytes, origin);
      return;
    case "cut":
      if (step.bytes.length > 0) client.pass(step.bytes, attempt);
      attempt.cancel("server-error", step.reason);
      cut(run, step.reason, step.error);
      return;
    case "fail":
      attempt.cancel("server-error", step.reason);
      fail(run, { backend, endpoint: attempt.endpoint }, noAnswer(step.reason), true);
      return;
    case "answered-error":
      onAnswered(run, { backend, attempt, request }, step.answered);
      return;
    default:
      step satisfies never;
  }
}

function onAnswered(run: CallRun, { backend, attempt, request }: RunningAttempt, error: AnsweredError): void {
  const judgement = judgeAnswered(error, backend);
  if (judgement === "pass-on") {
    attempt.cancel("succeeded");
    answerBackendError(run.call, run.client, {
      error,
      backend,
      isTranslated: request.isTranslated,
      attempts: run.attempts,
    });
    return;
  }
  const reason = `status ${error.status}`;
  attempt.cancel(error.status >= 500 ? "server-error" : "succeeded", reason);
  if (judgement !== "own-key-refused") run.answered = { error, backend };
  fail(run, { backend, endpoint: attempt.endpoint }, noAnswer(reason), true);
}

/** An attempt brought nothing that the client saw. */
function fail(
  run: CallRun,
  { backend, endpoint }: { readonly backend: ServingBackend; readonly endpoint: Endpoint },
  failure: AttemptFailure,
  wasAnswered = false,
): void {
  const { exchange, call, client } = run;
  exchange.running = undefined;
  if (exchange.isClientGone) return;
  if (failure.kind === "unsendable") {
    client.error(callError("FB_GATEWAY_BAD_REQUEST", { reason: failure.reason }));
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
    isLastBackend: run.candidate === run.candidates.length - 1,
    attemptsSent: run.sentToBackend,
    retriesAllowed: (call.route.retries ?? pool.retries).attempts,
    takeBudget: () => pool.budget.tryTake(now),
  });
  if (next === "give-up") return giveUp(run);
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  if (next === "same-backend") attemptNext(run);
  else nextBackend(run);
}

function giveUp(run: CallRun): void {
  const { client, call, answered, lastFailure, refused } = run;
  const { name } = call.model;
  if (answered) {
    answerBackendError(call, client, { ...answered, isTranslated: true, attempts: run.attempts });
  } else if (lastFailure?.kind === "timeout") {
    const details = { model: name, service: name, timeoutMs: lastFailure.limit?.limitMs };
    client.error(callError("FB_GATEWAY_TIMEOUT", details));
  } else if (!lastFailure && refused) {
    client.error(callError("FB_GATEWAY_NOT_TRANSLATABLE", { ...refused, model: name }, { param: refused.field }));
  } else {
    client.error(callError("FB_GATEWAY_BACKENDS_FAILED", { model: name, reason: lastFailure?.reason ?? "none" }));
  }
}

/** The answer broke off after content. */
function cut(run: CallRun, reason: string, error?: AnsweredError["error"]): void {
  const said = error === undefined ? reason : `${error.code}: ${error.message}`;
  run.client.error(callError("FB_GATEWAY_STREAM_CUT", { model: run.call.model.name, reason: said }));
}

function noAnswer(reason: string): AttemptFailure {
  return { kind: "reset", wasSent: true, reason };
}
