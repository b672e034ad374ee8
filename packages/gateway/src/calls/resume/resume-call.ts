// Goes on with a cut answer at another place of the same model. Every way out that is not the rest of the answer is the error of the cut
// itself: what a backend says to the attempt of going on is nothing that the client asked for.
import { giveBackPlace } from "../../stages/settle.ts";
import { startAttempt, type Attempt } from "../../stages/send.ts";
import { isAnyUntried } from "../../stages/who-may-be-asked.ts";
import type { Endpoint } from "../../worker/endpoint.ts";
import type { ServingBackend } from "../../worker/serving-state.ts";
import { backendPath } from "../../dialects/backend-path.ts";
import { canContinue } from "../../dialects/pass-through/can-continue.ts";
import { NO_BYTES } from "../answer-reader.ts";
import { readAttempt, type AttemptAnswer, type AttemptStep } from "../attempt-answer.ts";
import { endAccount, reportUsage, startAccount } from "../attempt-account.ts";
import { callHeaders } from "../call-headers.ts";
import { firstTokenLimit } from "../first-token-limit.ts";
import { deliver, endCut, withMember, type CallRun, type CutCause } from "../call-run.ts";
import { createContinuationReader, type ContinuationReader } from "./continuation-reader.ts";
import { readDelivered, type DeliveredAnswer } from "./delivered-answer.ts";
import { endByLength } from "./end-by-length.ts";
import { findResumePlace, type ResumePlace } from "./find-resume-place.ts";
import { judgeRefusal } from "./judge-refusal.ts";
import { readStops } from "./read-stops.ts";

/** Times that one answer is taken up again. */
export const MAX_RESUMES = 3;

/** Its endpoint is silent: an answer that may be taken up elsewhere is, now; any other one waits on. */
export function resumeEarly(run: CallRun, attempt: Attempt, reason: string): void {
  const { call, exchange, delivered, resumes } = run;
  if (exchange.isClientGone || delivered === undefined || resumes >= MAX_RESUMES) return;
  if (!canContinue(call.body, call.scan)) return;
  const pools = call.model.backends.map(({ pool }) => pool);
  const others = new Set([...run.cutAt, attempt.endpoint]);
  if (!pools.some((pool) => isAnyUntried(exchange.context, pool, others))) return;
  attempt.cancel("timeout", reason);
  resumeCall(run, attempt.endpoint, { reason, error: undefined });
}

interface Resumption {
  readonly run: CallRun;
  readonly delivered: DeliveredAnswer;
  readonly deliveredTokens: number;
  readonly cause: CutCause;
}

/** Resumes the answer, or ends it with the error of the cut. */
export function resumeCall(run: CallRun, endpoint: Endpoint, cause: CutCause): void {
  const { call, exchange } = run;
  exchange.running = undefined;
  if (exchange.isClientGone) return;
  run.cutAt = withMember(run.cutAt, endpoint);
  const delivered =
    run.delivered && canContinue(call.body, call.scan) ? readDelivered(call.face.dialect, run.delivered) : undefined;
  if (!delivered || run.resumes >= MAX_RESUMES) {
    endCut(run, cause);
    return;
  }
  run.resumes += 1;
  const { learning } = exchange.context;
  // An event has one token or several; what a byte of this model's text comes to was learned from what backends reported.
  const learnedTokens = learning.outputTokens(call.model.name, Buffer.byteLength(delivered.text));
  const deliveredTokens = Math.max(delivered.pieces, Math.ceil(learnedTokens));
  resumeNext({ run, delivered, deliveredTokens, cause });
}

function resumeNext(resumption: Resumption): void {
  const { run, delivered, deliveredTokens, cause } = resumption;
  const { call } = run;
  const left = call.scan.maxTokens === undefined ? undefined : call.scan.maxTokens - deliveredTokens;
  if (left !== undefined && left <= 0) {
    run.client.end(endByLength(call, delivered, deliveredTokens));
    return;
  }
  const place = findResumePlace(run, delivered, left);
  if (place) send(resumption, place);
  else endCut(run, cause);
}

function send(resumption: Resumption, { backend, endpoint, ticket, booking, request, withheld }: ResumePlace): void {
  const { run } = resumption;
  const { call, exchange, client } = run;
  const timeouts = call.route.timeouts ?? call.model.timeouts;
  const started = startAccount(run, backend);
  if (started.kind === "refused") {
    giveBackPlace({ context: exchange.context, pool: backend.pool, endpoint, ticket, booking });
    // A client that reads already is not kept waiting for a lease.
    if (started.short) exchange.context.metrics.limitRefusals.addLate(started.short.limit);
    endCut(run, resumption.cause);
    return;
  }
  const { account } = started;
  exchange.backend = backend.id;
  const reader = createReader(resumption, backend, withheld);
  const tellUsage = (): void => {
    const usage = reader.backendUsage();
    if (usage) reportUsage(run, account, usage);
  };
  let answer: AttemptAnswer | undefined;
  const pass = (bytes: Buffer): void => {
    if (!deliver(run, { attempt, account }, bytes) || !reader.isStopped()) return;
    attempt.cancel("succeeded");
    exchange.running = undefined;
    client.end(NO_BYTES);
  };
  const onFailure = (): void => {
    exchange.running = undefined;
    if (exchange.isClientGone) return;
    run.cutAt = withMember(run.cutAt, endpoint);
    resumeNext(resumption);
  };
  const onStep = (step: AttemptStep): void => {
    switch (step.kind) {
      case "wait":
        return;
      case "commit":
        attempt.onContent();
        exchange.wasResumed = true;
        client.comment(`resumed at ${backend.id}`);
        pass(step.bytes);
        return;
      case "pass":
        pass(step.bytes);
        return;
      case "end":
        client.end(step.bytes);
        return;
      case "cut":
        if (step.bytes.length > 0 && !deliver(run, { attempt, account }, step.bytes)) return;
        attempt.cancel("server-error", step.reason);
        resumeCall(run, endpoint, step);
        return;
      case "whole":
      case "fail":
      case "answered-error":
        judgeRefusal(run, { backend, attempt }, step.kind === "answered-error" ? step.answered : undefined);
        onFailure();
        return;
      default:
        step satisfies never;
    }
  };
  const attempt: Attempt = startAttempt({
    exchange,
    pool: backend.pool,
    endpoint,
    ticket,
    booking,
    timeouts: { ...timeouts, firstTokenMs: firstTokenLimit(call.model) },
    request: {
      method: "POST",
      path: backendPath(backend.traits, backend.basePath, request.path, backend.model),
      headers: callHeaders(exchange, { backend, endpoint, request }),
      body: request.body,
    },
    handler: {
      onInformation: () => undefined,
      onHead(head) {
        answer = readAttempt(head, {
          isTranslated: true,
          createStreamReader: () => reader,
          readWhole: () => ({ kind: "failed", reason: "no stream", error: undefined }),
          readTail: () => undefined,
          readError: () => undefined,
        });
      },
      onData(chunk) {
        if (!answer) return;
        const next = answer.onData(chunk);
        tellUsage();
        onStep(next);
      },
      onEnd() {
        if (!answer) return;
        const last = answer.onEnd();
        onStep(last);
        if (last.kind === "commit") client.end(NO_BYTES);
      },
      onSettled(outcome, wasSent) {
        tellUsage();
        const isWorkDone = answer === undefined ? wasSent : !answer.isError;
        endAccount(run, account, { outcome, isWorkDone, isWhole: answer?.isWhole ?? false });
      },
      onUpgraded(_head, socket, release) {
        socket.destroy();
        release("reset");
        onFailure();
      },
      onFailure(failure) {
        if (answer?.isCommitted) resumeCall(run, endpoint, { reason: failure.reason, error: undefined });
        else onFailure();
      },
    },
  });
  exchange.running = attempt;
}

function createReader(
  { run, delivered, deliveredTokens }: Resumption,
  backend: ServingBackend,
  withheld: string,
): ContinuationReader {
  const { call, exchange } = run;
  const identity = {
    id: delivered.id,
    model: delivered.model,
    createdSeconds: Math.floor(exchange.context.clock.now() / 1_000),
  };
  return createContinuationReader({
    reader: backend.dialect.createStreamReader(),
    writer: call.face.dialect.createStreamWriter(identity, { wantsUsage: call.scan.wantsUsage }),
    delivered,
    deliveredTokens,
    withheld,
    stops: readStops(call),
  });
}
