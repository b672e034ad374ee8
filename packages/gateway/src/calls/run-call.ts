// A model call from its candidates to its end: the one machine for every dialect. Before the first content anything may be tried
// elsewhere; from then on the answer goes on, is resumed, or ends in an error that its client can see.
import { addTtft, decideFailover, firstTokenBoundMs, learnLatency, learnRefusal } from "@flyball/traffic";
import { throughCache } from "../cache/through-cache.ts";
import { awaitPlace } from "../stages/await-place.ts";
import { hasRoom, isFree, place, placeAmong } from "../stages/place.ts";
import { backendPath } from "../dialects/backend-path.ts";
import type { AttemptAccount } from "../ledger/call-account.ts";
import { giveBackPlace } from "../stages/settle.ts";
import { startAttempt, type Attempt, type AttemptFailure } from "../stages/send.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend, ServingModel } from "../worker/serving-state.ts";
import { NO_BYTES } from "./answer-reader.ts";
import { createAnswerFormat } from "./answer-format.ts";
import { answerBackendError, judgeBackendError } from "./backend-error.ts";
import { readAttempt, type AnsweredError, type AttemptAnswer, type AttemptStep } from "./attempt-answer.ts";
import { canAsk, writeBackendRequest, type BackendRequest } from "./backend-request.ts";
import { callError, createCallClient, writeError } from "./call-client.ts";
import { callHeaders } from "./call-headers.ts";
import { endAccount, reportUsage, startAccount } from "./attempt-account.ts";
import {
  deliver,
  endSpent,
  giveUp,
  giveUpCooling,
  giveUpPlacing,
  isCovered,
  keepDelivered,
  type CallRun,
} from "./call-run.ts";
import { createCallRace, leaveRace, watchForHedge, winRace, type HedgePlace } from "./hedge-call.ts";
import type { ModelCall } from "./model-call.ts";
import { openAccount } from "./open-account.ts";
import { nextCandidate } from "./plan-candidates.ts";
import { restEndpoint } from "./rest-backend.ts";
import { mayResume } from "./resume/may-resume.ts";
import { resumeCall } from "./resume/resume-call.ts";
import { waitForLease } from "./wait-for-lease.ts";

/** Serves a call; `leaseUntil` once it has waited for the lease of a limit. */
export function runCall(call: ModelCall, leaseUntil?: number): void {
  const { exchange, face, scan, model } = call;
  exchange.call = call;
  exchange.trace ??= exchange.context.tracer?.begin(exchange.request.headers.traceparent);
  const others = model.fallbacks.flatMap((name) => exchange.serving.models.get(name)?.backends ?? []);
  const opening = openAccount(call, [...model.backends, ...others]);
  if (opening?.kind === "refused") {
    const wait = { refusal: opening.short, until: leaseUntil };
    if (waitForLease(exchange, wait, (until) => runCall(call, until))) return;
    writeError(exchange, face.dialect, opening.error);
    return;
  }
  const client = throughCache(call, createCallClient(exchange, face.dialect, scan.isStream), opening);
  if (!client) return;
  const run: CallRun = {
    call,
    exchange,
    client,
    account: opening?.account,
    maxTokens: opening?.maxTokens,
    race: createCallRace(),
    asked: undefined,
    first: undefined,
    done: new Set(),
    neededTokens: undefined,
    sentToBackend: 0,
    tried: new Set(),
    answered: undefined,
    restsUntil: Number.POSITIVE_INFINITY,
    hasFailed: false,
    lastFailure: undefined,
    limited: undefined,
    leaseUntil,
    refused: undefined,
    attempts: 0,
    delivered: mayResume(call) ? [] : undefined,
    deliveredBytes: 0,
    resumes: 0,
    cutAt: new Set(),
  };
  for (const backend of call.model.backends) if (!canAsk(call, backend)) run.done.add(backend);
  attemptNext(run);
}

/** Asks whoever is best now. */
function attemptNext(run: CallRun): void {
  const { exchange, call } = run;
  if (exchange.isClientGone) return;
  const next = nextCandidate(call, run.done, run.neededTokens);
  if (next.kind === "cooling") return giveUpCooling(run, Math.min(next.until, run.restsUntil));
  if (next.kind === "none") return giveUp(run);
  askBackend(run, next.backend, next.mayWait);
}

function askBackend(run: CallRun, backend: ServingBackend, mayWait: boolean): void {
  const { exchange, call } = run;
  if (run.asked !== backend) {
    run.asked = backend;
    run.sentToBackend = 0;
    run.tried = new Set();
    backend.pool.budget.onRequest(exchange.startedAt);
  }
  const written = writeBackendRequest(call, backend, run.maxTokens);
  if (written.kind === "refused") {
    run.refused = { field: written.field, reason: written.reason };
    leaveBackend(run, backend);
    return;
  }
  const request = written.value;
  const placement = place(exchange.context, backend.pool, run.tried);
  if (placement.kind === "placed") {
    sendFirst(run, { backend, endpoint: placement.endpoint, ticket: placement.ticket, request });
  } else if (mayWait && !run.answered) {
    awaitPlace(exchange, backend.pool, run.tried, {
      onPlaced: (endpoint, ticket) => sendFirst(run, { backend, endpoint, ticket, request }),
      onNoPlace: (refusal) => giveUpPlacing(run, backend, refusal),
    });
  } else {
    // Something else is left, or a backend's own error can be answered: no reason to wait for a place.
    leaveBackend(run, backend);
  }
}

/** Is done with a backend for this call. */
function leaveBackend(run: CallRun, backend: ServingBackend): void {
  run.done.add(backend);
  attemptNext(run);
}

interface Sending {
  readonly backend: ServingBackend;
  readonly endpoint: Endpoint;
  readonly ticket: number;
  readonly request: BackendRequest;
}

/** Sends, and watches whether the first token is late. */
function sendFirst(run: CallRun, sending: Sending): void {
  send(run, sending);
  watchForHedge(
    run,
    () => findHedgePlace(run, sending),
    (hedge) => sendHedge(run, hedge),
  );
}

/** The best other place that is free: another endpoint of the same backend, else the backend that would be next. */
function findHedgePlace(
  { call, done, tried, exchange }: CallRun,
  { backend, endpoint }: Sending,
): HedgePlace | undefined {
  const { serving } = backend.pool;
  const { context } = exchange;
  const own =
    hasRoom(context, backend.pool) &&
    serving.find((other) => other !== endpoint && !tried.has(other) && isFree(context, other));
  if (own) return { backend, endpoint: own };
  const next = nextCandidate(call, new Set([...done, backend]), undefined);
  if (next.kind !== "ask" || !hasRoom(context, next.backend.pool)) return undefined;
  const other = next.backend.pool.serving.find((each) => isFree(context, each));
  return other && { backend: next.backend, endpoint: other };
}

function sendHedge(run: CallRun, { backend, endpoint }: HedgePlace): void {
  const written = writeBackendRequest(run.call, backend, run.maxTokens);
  if (written.kind === "refused") return;
  const placement = placeAmong(run.exchange.context, [endpoint]);
  if (placement.kind !== "placed") return;
  send(run, { backend, endpoint, ticket: placement.ticket, request: written.value });
}

function send(run: CallRun, { backend, endpoint, ticket, request }: Sending): void {
  const { exchange, call, client } = run;
  const started = startAccount(run, backend);
  if (started.kind === "refused") {
    giveBackPlace({ context: exchange.context, pool: backend.pool, endpoint, ticket });
    run.limited = started.error;
    const again = (until: number): void => {
      run.leaseUntil = until;
      askBackend(run, backend, false);
    };
    if (waitForLease(exchange, { refusal: started.short, until: run.leaseUntil }, again)) return;
    leaveBackend(run, backend);
    return;
  }
  const { account } = started;
  const { route, model, scan } = call;
  run.first ??= backend;
  const isStandIn = backend !== run.first || !model.backends.includes(backend);
  let answer: AttemptAnswer | undefined;
  const timeouts = route.timeouts ?? model.timeouts;
  const startedAt = exchange.context.clock.monotonic();
  const step = (next: AttemptStep): void => onStep(run, { backend, attempt, account, request, startedAt }, next);
  const attempt: Attempt = startAttempt({
    exchange,
    pool: backend.pool,
    endpoint,
    ticket,
    timeouts: scan.isStream ? { ...timeouts, firstTokenMs: firstTokenLimit(model) } : timeouts,
    request: {
      method: "POST",
      path: backendPath(backend.traits, backend.basePath, request.path, backend.model),
      headers: callHeaders(exchange, { backend, endpoint, request }),
      body: request.body,
    },
    handler: {
      onInformation: () => undefined,
      onHead(head) {
        run.attempts += 1;
        answer = readAttempt(head, createAnswerFormat(call, backend, request, isStandIn));
      },
      onData: (chunk) => answer && step(answer.onData(chunk)),
      onEnd() {
        if (!answer) return;
        const last = answer.onEnd();
        if (answer.usage) reportUsage(run, account, answer.usage);
        step(last);
        if (last.kind === "commit") client.end(NO_BYTES);
      },
      onSettled(outcome, wasSent) {
        if (answer?.usage) reportUsage(run, account, answer.usage);
        endAccount(run, account, outcome, answer === undefined ? wasSent : !answer.isError);
      },
      onUpgraded(_head, socket, release) {
        socket.destroy();
        release("reset");
        fail(run, { backend, attempt }, noAnswer("the backend switched protocols"));
      },
      onFailure(failure) {
        if (answer?.isCommitted) resumeCall(run, endpoint, { reason: failure.reason, error: undefined });
        else fail(run, { backend, attempt }, failure);
      },
    },
  });
  run.race.running.push(attempt);
  exchange.running = run.race;
}

/** Three times the 99th of a hundred, at least the floor of the manifest, at most ten times that. */
function firstTokenLimit({ memory, firstTokenMs }: ServingModel): number {
  return firstTokenBoundMs(memory.firstToken, firstTokenMs, firstTokenMs * 10);
}

interface RunningAttempt {
  readonly backend: ServingBackend;
  readonly attempt: Attempt;
  readonly account: AttemptAccount | undefined;
  readonly request: BackendRequest;
  readonly startedAt: number;
}

function onStep(run: CallRun, running: RunningAttempt, step: AttemptStep): void {
  const { backend, attempt, request, startedAt } = running;
  const { client } = run;
  const { clock } = run.exchange.context;
  const origin = { backend: backend.id, isTranslated: request.isTranslated, attempts: run.attempts };
  switch (step.kind) {
    case "wait":
      return;
    case "commit":
      winRace(run, attempt);
      attempt.onContent();
      run.exchange.firstContentAt ??= clock.monotonic();
      if (running.account && !isCovered(run, running.account, step.bytes)) {
        attempt.cancel("succeeded");
        endSpent(run);
        return;
      }
      if (step.isEvents) {
        const now = clock.monotonic();
        addTtft(run.call.model.memory.firstToken, now - startedAt);
        learnLatency(backend.pool.gate, "firstToken", now - startedAt, now);
      }
      if (step.isEvents) keepDelivered(run, step.bytes);
      client.commit(step.head, step.bytes, { isEvents: step.isEvents, origin, flow: attempt });
      return;
    case "pass":
      deliver(run, running, step.bytes);
      return;
    case "end":
      client.end(step.bytes);
      return;
    case "whole":
      winRace(run, attempt);
      run.exchange.firstContentAt ??= clock.monotonic();
      learnLatency(backend.pool.gate, "answer", clock.monotonic() - startedAt, clock.monotonic());
      if (running.account) isCovered(run, running.account, step.bytes);
      client.whole(step.head, step.bytes, origin);
      return;
    case "cut":
      if (step.bytes.length > 0 && !deliver(run, running, step.bytes)) return;
      attempt.cancel("server-error", step.reason);
      resumeCall(run, attempt.endpoint, step);
      return;
    case "fail":
      attempt.cancel("server-error", step.reason);
      fail(run, running, noAnswer(step.reason), true);
      return;
    case "answered-error":
      onAnswered(run, running, step.answered);
      return;
    default:
      step satisfies never;
  }
}

function onAnswered(run: CallRun, running: RunningAttempt, error: AnsweredError): void {
  const { backend, attempt, request } = running;
  const { exchange, call, client } = run;
  const verdict = judgeBackendError(error, backend, exchange.context.clock.now());
  const reason = `status ${error.status}`;
  switch (verdict.kind) {
    case "fault":
      if (error.status === 503 || error.status === 529) learnRefusal(backend.pool.gate);
      attempt.cancel("server-error", reason);
      run.answered = { error, backend };
      fail(run, running, noAnswer(reason), true);
      return;
    case "cool":
      attempt.cancel("cancelled");
      run.restsUntil = Math.min(run.restsUntil, restEndpoint(exchange.context, attempt.endpoint, verdict));
      // That our key is refused there is nothing that the client should read as its own.
      if (verdict.reason !== "key") run.answered = { error, backend };
      onRest(run, running, reason);
      return;
    case "larger-context":
    case "pass-on":
      attempt.cancel("succeeded");
      winRace(run, attempt);
      if (verdict.kind === "larger-context" && mayBeLarger(run, backend)) {
        run.answered = { error, backend };
        run.neededTokens = (backend.contextTokens ?? 0) + 1;
        leaveBackend(run, backend);
        return;
      }
      answerBackendError(call, client, {
        error,
        backend,
        isTranslated: request.isTranslated,
        attempts: run.attempts,
      });
      return;
    default:
      verdict satisfies never;
  }
}

/** Another endpoint of the backend may have room; else it is somebody else's turn. Each is asked once at most. */
function onRest(run: CallRun, { backend, attempt }: EndedAttempt, reason: string): void {
  const { exchange } = run;
  run.lastFailure = noAnswer(reason);
  run.tried.add(attempt.endpoint);
  if (leaveRace(run, attempt) || exchange.isClientGone) return;
  exchange.wasRetried = true;
  backend.pool.metrics.retries.add();
  const { context, deadlineAt } = exchange;
  if (deadlineAt <= context.clock.monotonic()) giveUp(run);
  else if (backend.pool.serving.some((other) => !run.tried.has(other))) askBackend(run, backend, false);
  else leaveBackend(run, backend);
}

/** Whether a backend that is left is known to take more tokens than this one. */
function mayBeLarger({ call, done }: CallRun, { contextTokens: present = 0 }: ServingBackend): boolean {
  const { model, exchange } = call;
  const others = model.fallbacks.flatMap((name) => exchange.serving.models.get(name)?.backends ?? []);
  return [...model.backends, ...others].some(
    (other) => !done.has(other) && other.contextTokens !== undefined && other.contextTokens > present,
  );
}

type EndedAttempt = Pick<RunningAttempt, "backend" | "attempt">;

/** An attempt brought nothing that the client saw. */
function fail(run: CallRun, { backend, attempt }: EndedAttempt, failure: AttemptFailure, wasAnswered = false): void {
  const { exchange, call, client } = run;
  run.lastFailure = failure;
  run.tried.add(attempt.endpoint);
  run.hasFailed = true;
  if (failure.wasSent) run.sentToBackend += 1;
  if (leaveRace(run, attempt) || exchange.isClientGone) return;
  if (failure.kind === "unsendable") {
    client.error(callError("FB_GATEWAY_BAD_REQUEST", { reason: failure.reason }));
    return;
  }
  const { pool } = backend;
  const now = exchange.context.clock.monotonic();
  const isLast = nextCandidate(call, new Set([...run.done, backend]), run.neededTokens).kind !== "ask";
  const next = decideFailover({
    isInTime: exchange.deadlineAt > now,
    wasSent: failure.wasSent,
    failure: wasAnswered ? "answered" : failure.kind === "timeout" ? "timeout" : "lost",
    isAnotherEndpointLeft: pool.serving.some((other) => !run.tried.has(other)),
    isLastBackend: isLast,
    attemptsSent: run.sentToBackend,
    retriesAllowed: (call.route.retries ?? pool.retries).attempts,
    takeBudget: () => pool.budget.tryTake(now),
  });
  if (next === "give-up") return giveUp(run);
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  if (next === "same-backend") askBackend(run, backend, isLast);
  else leaveBackend(run, backend);
}

function noAnswer(reason: string): AttemptFailure {
  return { kind: "reset", wasSent: true, reason };
}
