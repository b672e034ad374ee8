// A model call from its candidates to its end: the one machine for every dialect. Before the first content anything may be tried
// elsewhere; from then on the answer goes on, is resumed, or ends in an error that its client can see.
import { throughCache } from "../cache/through-cache.ts";
import type { LeaseTurn } from "../limits/lease/lease-waiters.ts";
import { awaitPlace } from "../stages/await-place.ts";
import { place, placeAmong, type Placement } from "../stages/place.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { needsTranslation, translateAside } from "./ask-aside.ts";
import { canAsk, writeBackendRequest } from "./backend-request.ts";
import { createCallClient, writeError } from "./call-client.ts";
import { giveUp, giveUpCooling, giveUpPlacing, NOBODY, withMember, type CallMoves, type CallRun } from "./call-run.ts";
import { findHedgePlace } from "./find-hedge-place.ts";
import { CallRace, countForHedges, watchForHedge, type HedgePlace } from "./hedge-call.ts";
import type { ModelCall } from "./model-call.ts";
import { imposedBound, openAccount } from "./open-account.ts";
import { nextCandidate } from "./plan-candidates.ts";
import { mayResume } from "./resume/may-resume.ts";
import { sendAttempt, type Sending } from "./send-attempt.ts";
import { waitForLease } from "./wait-for-lease.ts";

const MOVES: CallMoves = { ask: askBackend, leave: leaveBackend };

/** Serves a call; `leaseTurn` once it has waited for the lease of a limit. */
export function runCall(call: ModelCall, leaseTurn?: LeaseTurn): void {
  const { exchange, face, scan } = call;
  exchange.call = call;
  exchange.trace ??= exchange.context.tracer?.begin(exchange.request.headers.traceparent);
  const backends = allBackends(call);
  const opening = openAccount(call, backends);
  if (opening?.kind === "refused") {
    const wait = { error: opening.error, short: opening.short, turn: leaseTurn };
    waitForLease(exchange, wait, {
      again: (turn) => runCall(call, turn),
      refuse: (error) => writeError(exchange, face.dialect, error),
    });
    return;
  }
  exchange.forecast = exchange.context.learning.foresee(call, opening?.account);
  const client = throughCache(call, createCallClient(exchange, face.dialect, scan.isStream), opening);
  if (!client) return;
  exchange.client = client;
  const run: CallRun = {
    call,
    exchange,
    client,
    moves: MOVES,
    account: opening?.account,
    maxTokens: opening?.maxTokens,
    race: new CallRace(),
    asked: undefined,
    first: undefined,
    done: NOBODY,
    neededTokens: undefined,
    sentToBackend: 0,
    tried: new Set(),
    answered: undefined,
    restsUntil: Number.POSITIVE_INFINITY,
    hasFailed: false,
    lastFailure: undefined,
    limited: undefined,
    leaseTurn,
    refused: undefined,
    isEvents: false,
    delivered: mayResume(call) ? [] : undefined,
    deliveredBytes: 0,
    resumes: 0,
    continuations: 0,
    unwilling: NOBODY,
    cutAt: NOBODY,
  };
  for (const backend of backends) if (!canAsk(call, backend)) run.done = withMember(run.done, backend);
  if (run.done.size === backends.length) {
    run.refused = { field: face.path, reason: "none of them has this operation" };
  }
  countForHedges(call);
  attemptNext(run);
}

/** Those of the model, then those of its fallbacks. */
function allBackends({ model, exchange }: ModelCall): readonly ServingBackend[] {
  if (model.fallbacks.length === 0) return model.backends;
  return [...model.backends, ...model.fallbacks.flatMap((name) => exchange.serving.models.get(name)?.backends ?? [])];
}

/** Asks whoever is best now. */
function attemptNext(run: CallRun): void {
  const { exchange, call } = run;
  if (exchange.isClientGone) return;
  const next = nextCandidate(call, run.done, run.neededTokens);
  if (next.kind === "cooling") return giveUpCooling(run, Math.min(next.until, run.restsUntil));
  if (next.kind === "none") return giveUp(run);
  askBackend(run, next.backend, next.mayWait);
}

function askBackend(run: CallRun, backend: ServingBackend, mayWait: boolean): void {
  const { exchange, call } = run;
  if (run.asked !== backend) {
    run.asked = backend;
    run.sentToBackend = 0;
    if (run.tried.size > 0) run.tried = new Set();
    backend.pool.budget.onRequest(exchange.startedAt);
  }
  const maxTokens = imposedBound(run, backend);
  if (needsTranslation(call, backend, maxTokens)) {
    const go = (): void => askBackend(run, backend, mayWait);
    translateAside(call, { backend, maxTokens }, { go, refuse: (error) => run.client.error(error) });
    return;
  }
  const written = writeBackendRequest(call, backend, maxTokens);
  if (written.kind === "refused") {
    run.refused = { field: written.field, reason: written.reason };
    leaveBackend(run, backend);
    return;
  }
  const request = written.value;
  const placement = place(exchange.context, backend.pool, run.tried, exchange);
  if (placement.kind === "placed") {
    const { endpoint, ticket, booking } = placement;
    sendFirst(run, { backend, endpoint, ticket, booking, request });
  } else if (mayWait && (!run.answered || isMerelyFull(run, backend, placement))) {
    awaitPlace(exchange, backend.pool, run.tried, {
      onPlaced: (endpoint, ticket, booking) => sendFirst(run, { backend, endpoint, ticket, booking, request }),
      onNoPlace: (refusal) => (run.answered ? leaveBackend(run, backend) : giveUpPlacing(run, backend, refusal)),
    });
  } else {
    // Something else is left, or a backend's own error can be answered: no reason to wait for a place.
    leaveBackend(run, backend);
  }
}

/** An endpoint that has not been asked would answer, and has no room just now: worth a wait, although an error could be answered. */
function isMerelyFull({ tried }: CallRun, { pool }: ServingBackend, { kind }: Placement): boolean {
  return kind === "held" && pool.queue !== undefined && pool.serving.some((endpoint) => !tried.has(endpoint));
}

/** Is done with a backend for this call. */
function leaveBackend(run: CallRun, backend: ServingBackend): void {
  run.done = withMember(run.done, backend);
  attemptNext(run);
}

/** Sends, and watches whether the first token is late. */
function sendFirst(run: CallRun, sending: Sending): void {
  sendAttempt(run, sending);
  watchForHedge(
    run,
    () => findNearPlace(run, sending),
    (hedge) => sendHedge(run, hedge),
  );
}

/** Where a second attempt would go; a long call is not translated once more for it. */
function findNearPlace(run: CallRun, sending: Sending): HedgePlace | undefined {
  const found = findHedgePlace(run, sending);
  return found && needsTranslation(run.call, found.backend, imposedBound(run, found.backend)) ? undefined : found;
}

function sendHedge(run: CallRun, { backend, endpoint }: HedgePlace): void {
  const written = writeBackendRequest(run.call, backend, imposedBound(run, backend));
  if (written.kind === "refused") return;
  const { exchange } = run;
  const placement = placeAmong(exchange.context, [endpoint], { pool: backend.pool, exchange, isForced: false });
  if (placement.kind !== "placed") return;
  const { ticket, booking } = placement;
  sendAttempt(run, { backend, endpoint, ticket, booking, request: written.value });
}
