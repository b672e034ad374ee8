// A backend that was asked to go on with an answer and did not. That it will not continue a text says nothing against it: only what would
// be a failure of any call is one.
import { assertNever } from "@flyball/core";
import { learnRefusal } from "@flyball/traffic";
import type { Attempt } from "../../stages/send.ts";
import type { ServingBackend } from "../../worker/serving-state.ts";
import type { AnsweredError } from "../attempt-answer.ts";
import { judgeBackendError } from "../backend-error.ts";
import { withMember, type CallRun } from "../call-run.ts";
import { restEndpoint } from "../rest-backend.ts";

/** Ends the attempt; `answered` is the error that came back, undefined where it was no error and no continuation either. */
export function judgeRefusal(
  run: CallRun,
  { backend, attempt }: { readonly backend: ServingBackend; readonly attempt: Attempt },
  answered: AnsweredError | undefined,
): void {
  const { context } = run.exchange;
  if (!answered) {
    run.unwilling = withMember(run.unwilling, backend);
    attempt.cancel("cancelled");
    return;
  }
  const verdict = judgeBackendError(answered, backend, context.clock.now());
  switch (verdict.kind) {
    case "fault":
      if (answered.status === 503 || answered.status === 529) learnRefusal(backend.pool.gate);
      attempt.cancel("server-error", `status ${answered.status}`);
      return;
    case "cool":
      attempt.cancel("cancelled");
      restEndpoint(context, attempt.endpoint, verdict);
      return;
    case "larger-context":
    case "pass-on":
      run.unwilling = withMember(run.unwilling, backend);
      attempt.cancel("succeeded");
      return;
    default:
      assertNever(verdict);
  }
}
