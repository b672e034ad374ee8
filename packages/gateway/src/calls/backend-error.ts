// An error that a backend answered with: whether another backend may do better, and how the client reads it when none did.
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnsweredError } from "./attempt-answer.ts";
import type { CallClient } from "./call-client.ts";
import type { ModelCall } from "./model-call.ts";

/** What an error of a backend means for the call. */
export type AnsweredJudgement =
  /** The client's own affair: it gets the error. */
  | "pass-on"
  | "try-elsewhere"
  /** Our key is refused there: nothing that a client should read. */
  | "own-key-refused";

/** Judges it. A refusal by a content filter is not routed around. */
export function judgeAnswered({ status, error }: AnsweredError, backend: ServingBackend): AnsweredJudgement {
  if ((status === 401 || status === 403) && backend.keyHeader) return "own-key-refused";
  switch (error?.meaning) {
    case "content-filter":
      return "pass-on";
    case "context-length":
    case "quota":
    case "rate-limit":
    case "overloaded":
      return "try-elsewhere";
    default:
      return status >= 500 || status === 429 || status === 408 ? "try-elsewhere" : "pass-on";
  }
}

/** What is answered with. */
export interface AnsweredBy {
  readonly error: AnsweredError;
  readonly backend: ServingBackend;
  readonly isTranslated: boolean;
  readonly attempts: number;
}

/** Gives the client the backend's error: its bytes in the same dialect, else its code and message in the client's. */
export function answerBackendError(
  call: ModelCall,
  client: CallClient,
  { error: answered, backend, isTranslated, attempts }: AnsweredBy,
): void {
  const { status, head, body, error } = answered;
  const isSame = !isTranslated || call.face.dialect.name === backend.dialect.name;
  if (isSame && !call.exchange.response.headersSent) {
    client.whole(head, body, { backend: backend.id, isTranslated: false, attempts });
    return;
  }
  client.error({
    status,
    code: error?.code ?? "upstream_error",
    message: error?.message ?? `the backend answered with status ${status}`,
    ...retryAfter(head.headers),
  });
}

function retryAfter(headers: readonly string[]): { readonly retryAfterMs?: number } {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== "retry-after") continue;
    const seconds = Number(headers[index + 1]);
    return seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {};
  }
  return {};
}
