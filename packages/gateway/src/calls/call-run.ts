// What one call knows of its attempts so far, and how it ends without an answer.
import type { LeaseTurn } from "../limits/lease/lease-waiters.ts";
import type { NoPlace } from "../stages/refuse-place.ts";
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
import { subjectName } from "./open-account.ts";
import { MAX_DELIVERED_BYTES } from "./resume/delivered-answer.ts";

/** How a call goes on when an attempt has ended; one object for all calls. */
export interface CallMoves {
  /** Asks a backend; with `mayWait` the call waits there for a place. */
  ask(run: CallRun, backend: ServingBackend, mayWait: boolean): void;
  /** The call is done with a backend: whoever is best now is next. */
  leave(run: CallRun, backend: ServingBackend): void;
}

/** A call under way. */
export interface CallRun {
  readonly call: ModelCall;
  readonly exchange: Exchange;
  readonly client: CallClient;
  readonly moves: CallMoves;
  readonly race: CallRace;
  readonly account: CallAccount | undefined;
  /** A bound of the output that limits set. */
  readonly maxTokens: number | undefined;
  /** Who is asked now. */
  asked: ServingBackend | undefined;
  /** Who was sent the call first. */
  first: ServingBackend | undefined;
  /** Backends that this call is done with. */
  done: ReadonlySet<ServingBackend>;
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
  /** Waiting for the lease of a limit; set at the first wait. */
  leaseTurn: LeaseTurn | undefined;
  /** A field that a backend of another dialect has no counterpart for. */
  refused: { readonly field: string; readonly reason: string } | undefined;
  /** The client reads events; known with the first content. */
  isEvents: boolean;
  /** Events that the client got, for a call that may be resumed; undefined: it may not, or not any more. */
  delivered: Buffer[] | undefined;
  deliveredBytes: number;
  resumes: number;
  /** Attempts to go on, over all resumptions. */
  continuations: number;
  /** Backends that were asked to go on and would not. */
  unwilling: ReadonlySet<ServingBackend>;
  /** Where the answer was cut. */
  cutAt: ReadonlySet<Endpoint>;
}

/** Nobody yet: what most calls end with, so that no set is made for them. */
export const NOBODY: ReadonlySet<never> = new Set();

/** A set with one more. */
export function withMember<Member>(members: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  return new Set(members).add(member);
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

/** Passes bytes of a stream on; false when a limit does not cover them and the stream was ended instead. */
export function deliver(run: CallRun, accounted: AccountedAttempt, bytes: Buffer): boolean {
  if (!isCovered(run, accounted, bytes)) return false;
  keepDelivered(run, bytes);
  run.client.pass(bytes, accounted.attempt);
  return true;
}

/** Whether limits cover these bytes of an answer too; when they do not, an answer that had no bound ends here. */
export function isCovered(run: CallRun, { attempt, account }: AccountedAttempt, bytes: Buffer): boolean {
  const { ledger, metrics } = run.exchange.context;
  const uncovered = account && ledger?.deliver(account, contentOf(run, bytes));
  if (!uncovered) return true;
  attempt.cancel("succeeded");
  const { limit, asked } = uncovered;
  const isLate = asked !== undefined;
  if (isLate) metrics.limitRefusals.addLate(limit);
  const details = { subject: subjectName(limit.subject), limit: limit.text };
  run.client.error(callError(isLate ? "FB_GATEWAY_STREAM_LATE" : "FB_GATEWAY_STREAM_SPENT", details));
  return false;
}

/** Tells the ledger what a model wrote in a whole answer, where anybody needs to know. */
export function countWhole({ call, exchange }: CallRun, account: AttemptAccount, bytes: Buffer): void {
  const { ledger } = exchange.context;
  const { output, dialect } = call.face;
  if (output !== "text" || !ledger?.wantsContent(account)) return;
  ledger.deliver(account, dialect.passThrough.contentBytes(bytes, false));
}

/** A piece of a whole answer that is too long to be held is not read: all of it counts. */
function contentOf({ call, isEvents }: CallRun, bytes: Buffer): number {
  const { output, dialect } = call.face;
  if (output !== "text") return 0;
  return isEvents ? dialect.passThrough.contentBytes(bytes, true) : bytes.length;
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
export function giveUpPlacing(run: CallRun, { id, pool }: ServingBackend, { code, retryAfterMs }: NoPlace): void {
  const { client, call, lastFailure, exchange } = run;
  // Some attempt was sent: what came of it says more than that nobody is left.
  if (code === "FB_GATEWAY_UPSTREAM_LOST") return giveUp(run);
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
    answerBackendError(call, client, { ...answered, isTranslated: true });
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
