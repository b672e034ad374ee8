// An attempt of a model call that brought its client nothing: what is tried next.
import { decideFailover } from "@flyball/traffic";
import { retriesOf } from "../stages/attempt-number.ts";
import type { Attempt, AttemptFailure } from "../stages/send.ts";
import { isAnyUntried } from "../stages/who-may-be-asked.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { callError } from "./call-client.ts";
import { giveUp, withMember, type CallRun } from "./call-run.ts";
import { leaveRace } from "./hedge-call.ts";
import { nextCandidate } from "./plan-candidates.ts";

/** An attempt that is over. */
export interface EndedAttempt {
  readonly backend: ServingBackend;
  readonly attempt: Attempt;
}

/** An attempt brought nothing that the client saw. */
export function failAttempt(
  run: CallRun,
  { backend, attempt }: EndedAttempt,
  failure: AttemptFailure,
  wasAnswered = false,
): void {
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
  const isLast = nextCandidate(call, withMember(run.done, backend), run.neededTokens).kind !== "ask";
  const next = decideFailover({
    isInTime: exchange.deadlineAt > now,
    wasSent: failure.wasSent,
    wasAnswered,
    isAnotherEndpointLeft: pool.serving.some((other) => !run.tried.has(other)),
    isLastBackend: isLast,
    attemptsSent: run.sentToBackend,
    retriesAllowed: retriesOf(exchange, call.route.retries ?? pool.retries),
    takeBudget: () => pool.budget.tryTake(now),
  });
  if (next === "give-up") return giveUp(run);
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  if (next === "same-backend") run.moves.ask(run, backend, isLast);
  else run.moves.leave(run, backend);
}

/** Its endpoint is silent: the call goes to another one of the backend that is free, as far as attempts and budget go. Else it waits on. */
export function moveAttempt(run: CallRun, { backend, attempt }: EndedAttempt, reason: string): void {
  const { exchange, call } = run;
  const { context } = exchange;
  const { pool } = backend;
  const now = context.clock.monotonic();
  if (exchange.isClientGone || exchange.deadlineAt <= now) return;
  if (!isAnyUntried(context, pool, new Set([...run.tried, attempt.endpoint]))) return;
  if (run.sentToBackend + 1 > retriesOf(exchange, call.route.retries ?? pool.retries) || !pool.budget.tryTake(now))
    return;
  attempt.cancel("timeout", reason);
  run.lastFailure = noAnswer(reason);
  run.tried.add(attempt.endpoint);
  run.hasFailed = true;
  run.sentToBackend += 1;
  if (leaveRace(run, attempt)) return;
  exchange.wasRetried = true;
  pool.metrics.retries.add();
  run.moves.ask(run, backend, true);
}

/** Another endpoint of the backend may have room; else it is somebody else's turn. Each is asked once at most. */
export function restAttempt(run: CallRun, { backend, attempt }: EndedAttempt, reason: string): void {
  const { exchange } = run;
  run.lastFailure = noAnswer(reason);
  run.tried.add(attempt.endpoint);
  if (leaveRace(run, attempt) || exchange.isClientGone) return;
  exchange.wasRetried = true;
  backend.pool.metrics.retries.add();
  const { context, deadlineAt } = exchange;
  if (deadlineAt <= context.clock.monotonic()) giveUp(run);
  else if (backend.pool.serving.some((other) => !run.tried.has(other))) run.moves.ask(run, backend, false);
  else run.moves.leave(run, backend);
}

/** It was sent, and what came back is no answer. */
export function noAnswer(reason: string): AttemptFailure {
  return { kind: "reset", wasSent: true, reason };
}
