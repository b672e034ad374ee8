// Reserves what a call may use before it is sent, or says why it is refused.
import { priceAt, type Price } from "@flyball/traffic";
import { createCallTarget } from "../ledger/call-target.ts";
import type { AttemptOutcomeAtStart, CallAccount, OpenOutcome } from "../ledger/call-account.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import {
  countsTokens,
  DEFAULT_OUTPUT_TOKENS,
  inputBound,
  isTextAlone,
  outputBound,
  promptSize,
} from "./call-bounds.ts";
import { callError, type CallError } from "./call-client.ts";
import { partyOf } from "./call-party.ts";
import type { ModelCall } from "./model-call.ts";

/** The account of a call, the bound that limits set for each of its answers (undefined: none), or the refusal. */
export type AccountOpening =
  | { readonly kind: "opened"; readonly account: CallAccount; readonly maxTokens: number | undefined }
  | { readonly kind: "refused"; readonly error: CallError; readonly short: ShortRefusal | undefined };

/** More of the limit may be leased in a moment. It is not counted yet: the call may wait. */
export type ShortRefusal = Extract<OpenOutcome, { kind: "refused" }>;

/** Opens the account; undefined before the first snapshot, when nothing is served. */
export function openAccount(call: ModelCall, backends: readonly ServingBackend[]): AccountOpening | undefined {
  const { exchange, model, route, scan, face } = call;
  const { ledger, clock } = exchange.context;
  if (!ledger) return undefined;
  const now = clock.now();
  const party = partyOf(exchange.serving, { key: exchange.key, route: route.id, model: model.name });
  const size = promptSize(call);
  const prices = backends.map((backend) => currentPrice(backend, now));
  let inputTokens = 0;
  let isCounted = false;
  for (let index = 0; index < backends.length; index += 1) {
    const backend = backends[index] as ServingBackend;
    const price = prices[index] as Price;
    inputTokens = Math.max(inputTokens, inputBound(size, backend, ledger.estimator));
    isCounted ||= countsTokens(party.limits, price) || countsTokens(backend.target.limits, price);
  }
  const named = outputBound(call, size);
  const maxTokens = named === undefined && !scan.isStream && isCounted ? DEFAULT_OUTPUT_TOKENS : undefined;
  const opened = ledger.open({
    requestId: exchange.id,
    time: now,
    party,
    inputBytes: size.textBytes,
    isInputText: isTextAlone(size),
    inputTokens,
    isOutputText: face.output === "text",
    outputTokens: maxTokens === undefined ? named : maxTokens * Math.ceil(scan.choices),
    prices,
  });
  if (opened.kind !== "opened") {
    return { kind: "refused", error: refusalError(opened, model.name), short: shortRefusal(opened) };
  }
  exchange.account = opened.account;
  return { kind: "opened", account: opened.account, maxTokens };
}

/** The bound that a backend is told for a call whose client named none; undefined: none, nothing that limits count is used there. */
export function imposedBound(
  { account, maxTokens }: { readonly account: CallAccount | undefined; readonly maxTokens: number | undefined },
  { target }: ServingBackend,
): number | undefined {
  if (maxTokens === undefined || !account) return undefined;
  const { limits } = account.start.party;
  return countsTokens(limits, target.price) || countsTokens(target.limits, target.price) ? maxTokens : undefined;
}

/** The price of a backend now; its target is made anew when another one has come into force. */
export function currentPrice(backend: ServingBackend, now: number): Price {
  const price = backend.prices === "own" ? "own" : priceAt(backend.prices, now);
  if (backend.target.price !== price) backend.target = createCallTarget({ ...backend.target, price });
  return price;
}

/** The refusal, if waiting for a lease may end it. */
export function shortRefusal(
  refusal: Exclude<OpenOutcome | AttemptOutcomeAtStart, { kind: "opened" | "started" }>,
): ShortRefusal | undefined {
  return refusal.kind === "refused" && refusal.asked.length > 0 ? refusal : undefined;
}

/** What a client is told of a limit that says no. */
export function refusalError(
  refusal: Exclude<OpenOutcome | AttemptOutcomeAtStart, { kind: "opened" | "started" }>,
  model: string,
): CallError {
  switch (refusal.kind) {
    case "full":
      return callError("FB_GATEWAY_SATURATED", { service: model });
    case "journal-full":
      return callError("FB_GATEWAY_LEDGER_FULL", {});
    case "unpriced":
      return callError("FB_GATEWAY_BUDGET_UNKNOWN_PRICE", { subject: subjectName(refusal.limit.subject), model });
    case "refused": {
      const { limit, amount, retryAfterMs } = refusal;
      const details = { subject: subjectName(limit.subject), limit: limit.text };
      if (refusal.isStoreAway) return callError("FB_GATEWAY_LIMIT_AWAY", details, { retryAfterMs });
      if (limit.counter.kind === "budget") return callError("FB_GATEWAY_BUDGET", details, { retryAfterMs });
      if (retryAfterMs === Number.POSITIVE_INFINITY) {
        return callError("FB_GATEWAY_LIMIT_TOO_SMALL", {
          ...details,
          needed: limit.unit === "tokens" ? `up to ${amount} tokens` : "more at once",
        });
      }
      return callError("FB_GATEWAY_LIMIT", details, { retryAfterMs });
    }
    default:
      return refusal satisfies never;
  }
}

/** `tenant:acme` → `the tenant acme`. */
export function subjectName(subject: string): string {
  const at = subject.indexOf(":");
  return `the ${subject.slice(0, at)} ${subject.slice(at + 1)}`;
}
