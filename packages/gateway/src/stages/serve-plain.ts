// A plain HTTP request from its route to its end: place → send → stream, again when the rules allow it. Bodies pass both ways as they
// come.
import type { ErrorCode } from "@flyball/core";
import { decideRetry, type RetryDecision } from "@flyball/traffic";
import type { RequestBody } from "../body/request-body.ts";
import type { Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { PoolsRoute } from "../worker/serving-state.ts";
import { retriesOf } from "./attempt-number.ts";
import { awaitPlace } from "./await-place.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import { place } from "./place.ts";
import { upstreamTarget } from "./route.ts";
import { startAttempt, type Attempt, type AttemptFailure } from "./send.ts";
import { breakOff, ResponseWriter, writeInformation } from "./stream.ts";
import { buildUpstreamHeaders } from "./upstream-headers.ts";
import { isAnyUntried } from "./who-may-be-asked.ts";

/** What one plain request keeps between its attempts. */
interface PlainRun {
  readonly exchange: Exchange;
  readonly route: PoolsRoute;
  readonly pool: Pool;
  readonly body: RequestBody;
  readonly path: string;
  readonly tried: Set<Endpoint>;
}

/** Serves it. The exchange's response ends or its connection is broken off; nothing is returned. */
export function servePlain(exchange: Exchange, route: PoolsRoute, pool: Pool, body: RequestBody): void {
  pool.budget.onRequest(exchange.startedAt);
  const path = upstreamTarget(exchange, route);
  attemptNext({ exchange, route, pool, body, path, tried: new Set() });
}

function attemptNext(run: PlainRun): void {
  const { exchange, pool } = run;
  if (exchange.isClientGone) return;
  const placement = place(exchange.context, pool, run.tried, exchange);
  if (placement.kind === "placed") {
    send(run, placement);
    return;
  }
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

function send(run: PlainRun, { endpoint, ticket, booking }: TakenPlace): void {
  const { exchange, route, pool, body } = run;
  const content = body.open();
  const writer = new ResponseWriter(exchange);
  const attempt: Attempt = startAttempt({
    exchange,
    pool,
    endpoint,
    ticket,
    booking,
    timeouts: route.timeouts ?? pool.timeouts,
    isPlain: true,
    request: {
      method: exchange.method,
      path: run.path,
      headers: buildUpstreamHeaders(exchange, { isWholeBody: Buffer.isBuffer(content) }),
      body: content,
    },
    handler: {
      onInformation: (head) => writeInformation(exchange, head),
      onHead: (head) => writer.head(head),
      onData: (chunk) => writer.piece(chunk, attempt),
      onEnd: () => writer.end(),
      onUpgraded: (_head, socket, release) => {
        socket.destroy();
        release("reset");
        breakOff(exchange);
      },
      onFailure: (failure) => onFailure(run, endpoint, failure),
      onStuck: (reason) => moveAway(run, attempt, reason),
    },
  });
  if (!body.isComplete) body.listener = attempt;
  exchange.running = attempt;
}

function onFailure(run: PlainRun, endpoint: Endpoint, failure: AttemptFailure): void {
  const { exchange } = run;
  exchange.running = undefined;
  if (exchange.isClientGone) return;
  if (failure.kind === "unsendable") {
    answerError(exchange, "FB_GATEWAY_BAD_REQUEST", { reason: failure.reason });
    return;
  }
  const decision = mayRetry(run, failure.kind, failure.wasSent);
  switch (decision.action) {
    case "break-off":
      breakOff(exchange);
      return;
    case "give-up":
      answerFailure(run, failure, decision.code, decision.reason);
      return;
    case "retry":
      retry(run, endpoint);
      return;
    default:
      decision satisfies never;
  }
}

function mayRetry(
  { exchange, route, pool, body }: PlainRun,
  failure: "refused" | "reset" | "timeout" | "stuck",
  wasSent: boolean,
): RetryDecision {
  const retries = route.retries ?? pool.retries;
  return decideRetry({
    method: exchange.method,
    hasIdempotencyKey: exchange.request.headers["idempotency-key"] !== undefined,
    isModelCallBeforeCommit: false,
    isUnsafeAllowed: retries.isUnsafeAllowed,
    wasSent,
    isResponseStarted: exchange.response.headersSent,
    isBodyReplayable: body.isReplayable,
    failure,
    attemptsSent: exchange.attemptsSent,
    retriesAllowed: retriesOf(exchange, retries),
    takeBudget: () => pool.budget.tryTake(exchange.context.clock.monotonic()),
  });
}

function retry(run: PlainRun, endpoint: Endpoint): void {
  run.tried.add(endpoint);
  run.exchange.wasRetried = true;
  run.pool.metrics.retries.add();
  attemptNext(run);
}

/** Its endpoint is silent: it goes to another one if it may be sent again and one is free. Else it waits on: the answer may come yet. */
function moveAway(run: PlainRun, attempt: Attempt, reason: string): void {
  const { exchange, pool, body, tried } = run;
  const { endpoint } = attempt;
  if (exchange.isClientGone || !body.isComplete || exchange.response.headersSent) return;
  if (!isAnyUntried(exchange.context, pool, new Set([...tried, endpoint]))) return;
  if (mayRetry(run, "stuck", true).action !== "retry") return;
  exchange.running = undefined;
  attempt.cancel("timeout", reason);
  retry(run, endpoint);
}

function answerFailure(
  { exchange, pool, body }: PlainRun,
  failure: AttemptFailure,
  code: ErrorCode,
  noRetryBecause: string,
): void {
  const isBodyMissing = failure.kind === "timeout" && !body.isComplete;
  if (isBodyMissing && failure.limit?.phase === "first-byte") {
    answerError(exchange, "FB_GATEWAY_BODY_STALLED", { timeoutMs: failure.limit?.limitMs });
    return;
  }
  answerError(exchange, code, {
    service: pool.id,
    reason: failure.reason,
    noRetryBecause,
    timeoutMs: failure.limit?.limitMs,
  });
}
