// One attempt of a model call at one endpoint: what it is sent, and who hears what comes back.
import type { Duplex } from "node:stream";
import type { AttemptOutcome } from "@flyball/core";
import { backendPath } from "../dialects/backend-path.ts";
import { startAttempt, type Attempt, type AttemptFailure, type AttemptHandler } from "../stages/send.ts";
import { giveBackPlace } from "../stages/settle.ts";
import type { WatchedAttempt } from "../learn/call-watch.ts";
import { endWatch, watchAttempt } from "../learn/watch-attempt.ts";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { Booking } from "../schedule/booking.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
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
import { followAttempt, type RunningAttempt } from "./follow-attempt.ts";
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
  const { exchange } = run;
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
  const attempt = new ModelAttempt(run, { backend, endpoint, ticket, booking, request }, started.account);
  run.race.add(attempt.attempt);
  exchange.running = run.race;
}

/** An attempt of a call: it hears what comes back, and is all that is known of the attempt while it runs. */
class ModelAttempt implements RunningAttempt, AttemptHandler {
  readonly backend: ServingBackend;
  readonly request: BackendRequest;
  readonly account: AttemptAccount | undefined;
  readonly watched: WatchedAttempt;
  readonly startedAt: number;
  readonly attempt: Attempt;
  readonly #run: CallRun;
  readonly #isStandIn: boolean;
  #answer: AttemptAnswer | undefined;
  #sample: AnswerSample | undefined;

  /** Sends it. */
  constructor(run: CallRun, sending: Sending, account: AttemptAccount | undefined) {
    const { exchange, call } = run;
    const { backend, endpoint, ticket, booking, request } = sending;
    const { route, model, scan } = call;
    const timeouts = route.timeouts ?? model.timeouts;
    run.first ??= backend;
    exchange.backend = backend.id;
    call.bodyReaders += 1;
    this.backend = backend;
    this.request = request;
    this.account = account;
    this.watched = watchAttempt(run, sending, account);
    this.startedAt = exchange.context.clock.monotonic();
    this.#run = run;
    this.#isStandIn = backend !== run.first || !model.backends.includes(backend);
    this.attempt = startAttempt({
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
      handler: this,
    });
  }

  onInformation(): void {
    // Nothing that a client of a model is told.
  }

  onHead(head: ResponseHead): void {
    const { backend, request } = this;
    const { call, exchange } = this.#run;
    this.#answer = readAttempt(head, createAnswerFormat(call, backend, request, this.#isStandIn));
    if (head.status === 200 && canBeJudged(call)) this.#sample = exchange.context.takeSample();
  }

  onData(chunk: Buffer): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#sample?.add(chunk);
    this.#follow(answer, answer.onData(chunk));
  }

  onBodyTaken(): void {
    this.#run.call.bodyReaders -= 1;
  }

  onEnd(): void {
    const answer = this.#answer;
    if (!answer) return;
    const last = answer.onEnd();
    this.#follow(answer, last);
    if (last.kind === "commit") this.#run.client.end(NO_BYTES);
  }

  onSettled(outcome: AttemptOutcome, wasSent: boolean): void {
    const answer = this.#answer;
    const isWorkDone = answer === undefined ? wasSent : !answer.isError;
    endAccount(this.#run, this.account, { outcome, isWorkDone, isWhole: answer?.isWhole ?? false });
    endWatch(this.#run, this.watched);
    if (this.#sample) this.#endSample(this.#sample, outcome === "succeeded" && answer?.isWhole === true);
  }

  onUpgraded(_head: ResponseHead, socket: Duplex, release: (outcome: AttemptOutcome) => void): void {
    socket.destroy();
    release("reset");
    failAttempt(this.#run, this, noAnswer("the backend switched protocols"));
  }

  onStuck(reason: string): void {
    if (this.#answer?.isCommitted) resumeEarly(this.#run, this.attempt, reason);
    else moveAttempt(this.#run, this, reason);
  }

  onFailure(failure: AttemptFailure): void {
    if (this.#answer?.isCommitted) {
      resumeCall(this.#run, this.attempt.endpoint, { reason: failure.reason, error: undefined });
    } else failAttempt(this.#run, this, failure);
  }

  #endSample(sample: AnswerSample, isAnswered: boolean): void {
    const { call } = this.#run;
    const dialect = this.request.isTranslated ? this.backend.dialect : call.face.dialect;
    if (isAnswered) judgeSoon({ call, sample, dialect, endpoint: this.attempt.endpoint });
    else sample.drop();
  }

  #follow(answer: AttemptAnswer, step: AttemptStep): void {
    if (answer.usage) reportUsage(this.#run, this.account, answer.usage);
    followAttempt(this.#run, this, step);
  }
}
