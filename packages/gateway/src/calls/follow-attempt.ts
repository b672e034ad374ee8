// What comes back from an attempt, step by step: content goes to the client, a cut is resumed, an error is judged.
import { outputTokens } from "@flyball/core";
import { addTtft, learnLatency, learnRefusal } from "@flyball/traffic";
import type { WatchedAttempt } from "../learn/call-watch.ts";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnsweredError, AttemptStep } from "./attempt-answer.ts";
import { answerBackendError, judgeBackendError } from "./backend-error.ts";
import type { BackendRequest } from "./backend-request.ts";
import { countWhole, deliver, isCovered, keepDelivered, withMember, type CallRun } from "./call-run.ts";
import { failAttempt, noAnswer, restAttempt, type EndedAttempt } from "./fail-attempt.ts";
import { leaveRace, winRace } from "./hedge-call.ts";
import { restEndpoint } from "./rest-backend.ts";
import { resumeCall } from "./resume/resume-call.ts";

/** An attempt under way. */
export interface RunningAttempt extends EndedAttempt {
  readonly account: AttemptAccount | undefined;
  readonly request: BackendRequest;
  readonly startedAt: number;
  readonly watched: WatchedAttempt;
}

/** Takes one step. */
export function followAttempt(run: CallRun, running: RunningAttempt, step: AttemptStep): void {
  const { backend, attempt, request, startedAt } = running;
  const { client } = run;
  const { clock } = run.exchange.context;
  const origin = { backend: backend.id, isTranslated: request.isTranslated };
  switch (step.kind) {
    case "wait":
      return;
    case "commit":
      winRace(run, attempt);
      attempt.onContent();
      run.exchange.context.learning.watch.firstContent(running.watched);
      run.exchange.firstContentAt ??= clock.monotonic();
      run.isEvents = step.isEvents;
      if (!isCovered(run, running, step.bytes)) return;
      if (step.isEvents) {
        const now = clock.monotonic();
        addTtft(run.call.model.memory.firstToken, now - startedAt);
        const promptTokens = running.watched.ownUncachedTokens;
        learnLatency(backend.pool.gate, { kind: "firstToken", latencyMs: now - startedAt, promptTokens }, now);
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
      learnWhole(running, clock.monotonic());
      if (running.account) countWhole(run, running.account, step.bytes);
      client.whole(step.head, step.bytes, origin);
      return;
    case "cut":
      if (step.bytes.length > 0 && !deliver(run, running, step.bytes)) return;
      attempt.cancel("server-error", step.reason);
      resumeCall(run, attempt.endpoint, step);
      return;
    case "fail":
      attempt.cancel("server-error", step.reason);
      failAttempt(run, running, noAnswer(step.reason), true);
      return;
    case "answered-error":
      onAnswered(run, running, step.answered);
      return;
    default:
      step satisfies never;
  }
}

/** The time of a whole answer is that of its tokens; where nobody says how many it has, it is taken as it is. */
function learnWhole({ backend, startedAt, watched, account }: RunningAttempt, now: number): void {
  const reported = account?.reported;
  const tokens = reported && { promptTokens: watched.ownUncachedTokens, outputTokens: outputTokens(reported) };
  learnLatency(backend.pool.gate, { kind: "answer", latencyMs: now - startedAt, ...tokens }, now);
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
      failAttempt(run, running, noAnswer(reason), true);
      return;
    case "cool":
      attempt.cancel("cancelled");
      run.restsUntil = Math.min(run.restsUntil, restEndpoint(exchange.context, attempt.endpoint, verdict));
      // That our key is refused there is nothing that the client should read as its own.
      if (verdict.reason !== "key") run.answered = { error, backend };
      restAttempt(run, running, reason);
      return;
    case "larger-context":
    case "pass-on":
      attempt.cancel("succeeded");
      if (verdict.kind === "larger-context" && mayBeLarger(run, backend)) {
        run.answered = { error, backend };
        run.neededTokens = (backend.contextTokens ?? 0) + 1;
        if (leaveRace(run, attempt)) run.done = withMember(run.done, backend);
        else run.moves.leave(run, backend);
        return;
      }
      winRace(run, attempt);
      answerBackendError(call, client, {
        error,
        backend,
        isTranslated: request.isTranslated,
      });
      return;
    default:
      verdict satisfies never;
  }
}

/** Whether a backend that is left is known to take more tokens than this one. */
function mayBeLarger({ call, done }: CallRun, { contextTokens: present = 0 }: ServingBackend): boolean {
  const { model, exchange } = call;
  const others = model.fallbacks.flatMap((name) => exchange.serving.models.get(name)?.backends ?? []);
  return [...model.backends, ...others].some(
    (other) => !done.has(other) && other.contextTokens !== undefined && other.contextTokens > present,
  );
}
