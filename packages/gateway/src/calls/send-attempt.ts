// One attempt of a model call at one endpoint: what it is sent, and who hears what comes back.
import { backendPath } from "../dialects/backend-path.ts";
import { startAttempt, type Attempt } from "../stages/send.ts";
import { giveBackPlace } from "../stages/settle.ts";
import { endWatch, watchAttempt } from "../learn/watch-attempt.ts";
import type { Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { createAnswerFormat } from "./answer-format.ts";
import type { AnswerSample } from "./answer-sample.ts";
import { NO_BYTES } from "./answer-reader.ts";
import { endAccount, reportUsage, startAccount } from "./attempt-account.ts";
import { readAttempt, type AttemptAnswer, type AttemptStep } from "./attempt-answer.ts";
import type { BackendRequest } from "./backend-request.ts";
import { callHeaders } from "./call-headers.ts";
import type { CallRun } from "./call-run.ts";
import { failAttempt, moveAttempt, noAnswer } from "./fail-attempt.ts";
import { firstTokenLimit } from "./first-token-limit.ts";
import { followAttempt } from "./follow-attempt.ts";
import { canBeJudged, judgeSoon } from "./judge-sample.ts";
import { resumeCall, resumeEarly } from "./resume/resume-call.ts";
import { waitForLease } from "./wait-for-lease.ts";

/** What goes where; the place on the endpoint is taken. */
export interface Sending {
  readonly backend: ServingBackend;
  readonly endpoint: Endpoint;
  readonly ticket: number;
  /** In a scheduled pool: what is reserved for it. */
  readonly booking: Booking | undefined;
  readonly request: BackendRequest;
}

/** Sends it, or leaves the backend when its own limits say no. */
export function sendAttempt(run: CallRun, { backend, endpoint, ticket, booking, request }: Sending): void {
  const { exchange, call, client } = run;
  const started = startAccount(run, backend);
  if (started.kind === "refused") {
    giveBackPlace({ context: exchange.context, pool: backend.pool, endpoint, ticket, booking });
    const wait = { error: started.error, short: started.short, turn: run.leaseTurn };
    waitForLease(exchange, wait, {
      again(turn) {
        run.leaseTurn = turn;
        run.moves.ask(run, backend, false);
      },
      refuse(error) {
        run.limited = error;
        run.moves.leave(run, backend);
      },
    });
    return;
  }
  const { account } = started;
  const watched = watchAttempt(run, { backend, endpoint, booking }, account);
  const { route, model, scan } = call;
  run.first ??= backend;
  exchange.backend = backend.id;
  const isStandIn = backend !== run.first || !model.backends.includes(backend);
  let answer: AttemptAnswer | undefined;
  let sample: AnswerSample | undefined;
  const timeouts = route.timeouts ?? model.timeouts;
  const startedAt = exchange.context.clock.monotonic();
  const step = (next: AttemptStep): void =>
    followAttempt(run, { backend, attempt, account, request, startedAt, watched }, next);
  call.bodyReaders += 1;
  const attempt: Attempt = startAttempt({
    exchange,
    pool: backend.pool,
    endpoint,
    ticket,
    booking,
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
        answer = readAttempt(head, createAnswerFormat(call, backend, request, isStandIn));
        if (head.status === 200 && canBeJudged(call)) sample = exchange.context.takeSample();
      },
      onData(chunk) {
        if (!answer) return;
        sample?.add(chunk);
        const next = answer.onData(chunk);
        if (answer.usage) reportUsage(run, account, answer.usage);
        step(next);
      },
      onBodyTaken: () => void (call.bodyReaders -= 1),
      onEnd() {
        if (!answer) return;
        const last = answer.onEnd();
        if (answer.usage) reportUsage(run, account, answer.usage);
        step(last);
        if (last.kind === "commit") client.end(NO_BYTES);
      },
      onSettled(outcome, wasSent) {
        const isWorkDone = answer === undefined ? wasSent : !answer.isError;
        endAccount(run, account, { outcome, isWorkDone, isWhole: answer?.isWhole ?? false });
        endWatch(run, watched);
        if (sample === undefined) return;
        const dialect = request.isTranslated ? backend.dialect : call.face.dialect;
        if (outcome === "succeeded" && answer?.isWhole === true) judgeSoon({ call, sample, dialect, endpoint });
        else sample.drop();
      },
      onUpgraded(_head, socket, release) {
        socket.destroy();
        release("reset");
        failAttempt(run, { backend, attempt }, noAnswer("the backend switched protocols"));
      },
      onStuck(reason) {
        if (answer?.isCommitted) resumeEarly(run, attempt, reason);
        else moveAttempt(run, { backend, attempt }, reason);
      },
      onFailure(failure) {
        if (answer?.isCommitted) resumeCall(run, endpoint, { reason: failure.reason, error: undefined });
        else failAttempt(run, { backend, attempt }, failure);
      },
    },
  });
  run.race.add(attempt);
  exchange.running = run.race;
}
