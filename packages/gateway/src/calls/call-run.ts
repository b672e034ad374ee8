// What one call knows of its attempts so far, and how it ends without an answer.
import type { Exchange } from "../stages/exchange.ts";
import type { AttemptFailure } from "../stages/send.ts";
import type { Flow } from "../stages/stream.ts";
import type { ProviderError } from "../dialects/provider-error.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnsweredError } from "./attempt-answer.ts";
import { answerBackendError } from "./backend-error.ts";
import { callError, type CallClient } from "./call-client.ts";
import type { ModelCall } from "./model-call.ts";
import { MAX_DELIVERED_BYTES } from "./resume/delivered-answer.ts";

/** A call under way. */
export interface CallRun {
  readonly call: ModelCall;
  readonly exchange: Exchange;
  readonly client: CallClient;
  /** In the order in which they are tried. */
  readonly candidates: readonly ServingBackend[];
  candidate: number;
  /** Attempts at the current candidate that sent something. */
  sentToBackend: number;
  tried: Set<Endpoint>;
  /** The last error that a backend answered with; better than any of our own. */
  answered: { readonly error: AnsweredError; readonly backend: ServingBackend } | undefined;
  lastFailure: AttemptFailure | undefined;
  /** A field that a backend of another dialect has no counterpart for. */
  refused: { readonly field: string; readonly reason: string } | undefined;
  attempts: number;
  /** Events that the client got, for a call that may be resumed; undefined: it may not, or not any more. */
  delivered: Buffer[] | undefined;
  deliveredBytes: number;
  resumes: number;
  /** Where the answer was cut. */
  readonly cutAt: Set<Endpoint>;
}

/** Why an answer broke off. */
export interface CutCause {
  readonly reason: string;
  readonly error: ProviderError | undefined;
}

/** Passes bytes of a stream on. */
export function deliver(run: CallRun, bytes: Buffer, flow: Flow): void {
  keepDelivered(run, bytes);
  run.client.pass(bytes, flow);
}

/** Remembers what the client got, up to a bound. */
export function keepDelivered(run: CallRun, bytes: Buffer): void {
  if (!run.delivered) return;
  run.deliveredBytes += bytes.length;
  if (run.deliveredBytes > MAX_DELIVERED_BYTES) run.delivered = undefined;
  else run.delivered.push(bytes);
}

/** Nobody is left to ask. */
export function giveUp(run: CallRun): void {
  const { client, call, answered, lastFailure, refused } = run;
  const { name } = call.model;
  if (answered) {
    answerBackendError(call, client, { ...answered, isTranslated: true, attempts: run.attempts });
  } else if (lastFailure?.kind === "timeout") {
    const details = { model: name, service: name, timeoutMs: lastFailure.limit?.limitMs };
    client.error(callError("FB_GATEWAY_TIMEOUT", details));
  } else if (!lastFailure && refused) {
    client.error(callError("FB_GATEWAY_NOT_TRANSLATABLE", { ...refused, model: name }, { param: refused.field }));
  } else {
    client.error(callError("FB_GATEWAY_BACKENDS_FAILED", { model: name, reason: lastFailure?.reason ?? "none" }));
  }
}

/** The answer broke off after content, and nobody goes on with it. */
export function endCut({ client, call }: CallRun, { reason, error }: CutCause): void {
  const said = error === undefined ? reason : `${error.code}: ${error.message}`;
  client.error(callError("FB_GATEWAY_STREAM_CUT", { model: call.model.name, reason: said }));
}
