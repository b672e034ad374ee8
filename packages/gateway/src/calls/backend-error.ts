// An error that a backend answered with: whether another backend may do better, and how the client reads it when none did.
import { judgeAnswer, parseRetryAfter, type AnswerVerdict } from "@flyball/traffic";
import { headerValue } from "../stages/response-headers.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnsweredError } from "./attempt-answer.ts";
import type { CallClient } from "./call-client.ts";
import type { ModelCall } from "./model-call.ts";

/** What an error of a backend means for the call and for the backend. */
export function judgeBackendError(
  { status, head, error }: AnsweredError,
  backend: ServingBackend,
  now: number,
): AnswerVerdict {
  return judgeAnswer({
    status,
    header: (name) => headerValue(head, name),
    provider: backend.traits.provider,
    isOurKey: backend.keyHeader !== undefined,
    codes: error === undefined ? [] : [error.code],
    message: error?.message ?? "",
    now,
  });
}

/** What is answered with. */
export interface AnsweredBy {
  readonly error: AnsweredError;
  readonly backend: ServingBackend;
  readonly isTranslated: boolean;
}

/** Gives the client the backend's error: its bytes in the same dialect, else its code and message in the client's. */
export function answerBackendError(
  call: ModelCall,
  client: CallClient,
  { error: answered, backend, isTranslated }: AnsweredBy,
): void {
  const { status, head, body, error } = answered;
  const isSame = !isTranslated || call.face.dialect.name === backend.dialect.name;
  if (isSame && body !== undefined && !call.exchange.response.headersSent) {
    client.whole(head, body, { backend: backend.id, isTranslated: false });
    return;
  }
  const retryAfterMs = parseRetryAfter((name) => headerValue(head, name), call.exchange.context.clock.now());
  client.error({
    status,
    code: error?.code ?? "upstream_error",
    message: error?.message ?? `the backend answered with status ${status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
