// What one call knows of its attempts so far, and how it ends without an answer.
import type { NoPlace } from "../stages/await-place.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { AttemptAccount, CallAccount } from "../ledger/call-account.ts";
import type { Attempt, AttemptFailure } from "../stages/send.ts";
import type { ProviderError } from "../dialects/provider-error.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { AnsweredError } from "./attempt-answer.ts";
import { answerBackendError } from "./backend-error.ts";
import { callError, type CallClient, type CallError } from "./call-client.ts";
import type { CallRace } from "./hedge-call.ts";
import type { ModelCall } from "./model-call.ts";
import { MAX_DELIVERED_BYTES } from "./resume/delivered-answer.ts";

/** A call under way. */
export interface CallRun {
  readonly call: ModelCall;
  readonly exchange: Exchange;
  readonly client: CallClient;
  readonly race: CallRace;
  readonly account: CallAccount | undefined;
  /** A bound of the output that limits set. */
  readonly maxTokens: number | undefined;
  /** Who is asked now. */
  asked: ServingBackend | undefined;
  /** Who was sent the call first. */
  first: ServingBackend | undefined;
  /** Backends that this call is done with. */
  readonly done: Set<ServingBackend>;
  /** Known once a backend said that the prompt is too long for it. */
  neededTokens: number | undefined;
  /** Attempts at that backend that sent something. */
  sentToBackend: number;
  tried: Set<Endpoint>;
  /** The last error that a backend answered with; better than any of our own. */
  answered: { readonly error: AnsweredError; readonly backend: ServingBackend } | undefined;
  /** When the first of those that asked for a rest is back (monotonic); Infinity when none did. */
  restsUntil: number;
  /** Some backend failed, and did not merely ask for a rest. */
  hasFailed: boolean;
  lastFailure: AttemptFailure | undefined;
  /** A limit of a backend that said no. */
  limited: CallError | undefined;
  /** When waiting for the lease of a limit ends; set at the first wait. */
  leaseUntil: number | undefined;
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

/** A running attempt with its account. */
export interface AccountedAttempt {
  readonly attempt: Attempt;
  readonly account: AttemptAccount | undefined;
}

/** Passes bytes of a stream on; false when a limit is spent and the stream was ended instead. */
export function deliver(run: CallRun, { attempt, account }: AccountedAttempt, bytes: Buffer): boolean {
  if (account && !isCovered(run, account, bytes)) {
    attempt.cancel("succeeded");
    endSpent(run);
    return false;
  }
  keepDelivered(run, bytes);
  run.client.pass(bytes, attempt);
  return true;
}

/** Whether the limits of the call cover these bytes too. */
export function isCovered({ exchange }: CallRun, account: AttemptAccount, bytes: Buffer): boolean {
  return exchange.context.ledger?.deliver(account, bytes.length) !== "spent";
}

/** A limit is spent in the middle of an answer that had no bound. */
export function endSpent({ client, account }: CallRun): void {
  const limit = account?.start.party.limits.find(({ unit }) => unit !== "requests" && unit !== "concurrency");
  const subject = limit?.subject.replace(":", " ") ?? "the call";
  client.error(callError("FB_GATEWAY_STREAM_SPENT", { subject: `the ${subject}`, limit: limit?.text ?? "its limit" }));
}

/** Remembers what the client got, up to a bound. */
export function keepDelivered(run: CallRun, bytes: Buffer): void {
  if (!run.delivered) return;
  run.deliveredBytes += bytes.length;
  if (run.deliveredBytes > MAX_DELIVERED_BYTES) run.delivered = undefined;
  else run.delivered.push(bytes);
}

/** All that could answer rest: the client is told when the first one is back. */
export function giveUpCooling({ call, client, exchange, answered }: CallRun, until: number): void {
  const retryAfterMs = Math.max(1, until - exchange.context.clock.monotonic());
  const said = answered?.error.error;
  const status = answered === undefined ? "it said so to earlier calls" : `status ${answered.error.status}`;
  const reason = said ? `${said.code}: ${said.message}` : status;
  const details = { model: call.model.name, reason, seconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) };
  client.error(callError("FB_GATEWAY_COOLING", details, { retryAfterMs }));
}

/** The backend has no place for it. */
export function giveUpPlacing(
  { client, call, lastFailure, exchange }: CallRun,
  { id, pool }: ServingBackend,
  { code, retryAfterMs }: NoPlace,
): void {
  // The pool of a provider is named by its address, which is no client's business.
  const details = { service: pool.isProvider ? id : pool.id, model: call.model.name, reason: reasonFor(lastFailure) };
  const more = retryAfterMs === undefined ? {} : { retryAfterMs };
  client.error(callError(exchange.shed === undefined ? code : "FB_GATEWAY_SHED", details, more));
}

/** Nobody is left to ask. */
export function giveUp(run: CallRun): void {
  const { client, call, answered, lastFailure, refused } = run;
  if (answered && !run.hasFailed && run.restsUntil !== Number.POSITIVE_INFINITY) {
    giveUpCooling(run, run.restsUntil);
    return;
  }
  const { name } = call.model;
  if (answered) {
    answerBackendError(call, client, { ...answered, isTranslated: true, attempts: run.attempts });
  } else if (lastFailure?.kind === "timeout") {
    const details = { model: name, service: name, timeoutMs: lastFailure.limit?.limitMs };
    client.error(callError("FB_GATEWAY_TIMEOUT", details));
  } else if (!lastFailure && run.limited) {
    client.error(run.limited);
  } else if (!lastFailure && refused) {
    client.error(callError("FB_GATEWAY_NOT_TRANSLATABLE", { ...refused, model: name }, { param: refused.field }));
  } else {
    client.error(callError("FB_GATEWAY_BACKENDS_FAILED", { model: name, reason: reasonFor(lastFailure) }));
  }
}

/** What a client is told of a failure: where nothing was connected to, the system's own words name addresses. */
function reasonFor(failure: AttemptFailure | undefined): string {
  if (failure === undefined) return "none";
  return failure.kind === "refused" && failure.limit === undefined ? "no connection could be made" : failure.reason;
}

/** The answer broke off after content, and nobody goes on with it. */
export function endCut({ client, call }: CallRun, { reason, error }: CutCause): void {
  const said = error === undefined ? reason : `${error.code}: ${error.message}`;
  client.error(callError("FB_GATEWAY_STREAM_CUT", { model: call.model.name, reason: said }));
}
