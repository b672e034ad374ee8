// What one attempt of a call uses, told to the ledger.
import type { TokenUsage } from "@flyball/core";
import type { AttemptAccount, AttemptEnd } from "../ledger/call-account.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { CallError } from "./call-client.ts";
import type { CallRun } from "./call-run.ts";
import { currentPrice, imposedBound, refusalError, shortRefusal, type ShortRefusal } from "./open-account.ts";

/** The account of an attempt, or why the backend's own limits refuse it. */
export type AttemptOpening =
  | { readonly kind: "started"; readonly account: AttemptAccount | undefined }
  | { readonly kind: "refused"; readonly error: CallError; readonly short: ShortRefusal | undefined };

/** Reserves what the attempt may use beyond what the call has left. */
export function startAccount(run: CallRun, backend: ServingBackend): AttemptOpening {
  const { account, exchange, call } = run;
  const { ledger, clock } = exchange.context;
  if (!account || !ledger) return { kind: "started", account: undefined };
  currentPrice(backend, clock.now());
  const isBounded = run.maxTokens === undefined ? undefined : imposedBound(run, backend) !== undefined;
  const started = ledger.startAttempt(account, backend.target, isBounded);
  if (started.kind === "started") return { kind: "started", account: started.attempt };
  return { kind: "refused", error: refusalError(started, call.model.name), short: shortRefusal(started) };
}

/** What the backend says was used so far. */
export function reportUsage({ exchange }: CallRun, account: AttemptAccount | undefined, usage: TokenUsage): void {
  if (account) exchange.context.ledger?.reportUsage(account, usage);
}

/** The attempt is over. */
export function endAccount({ exchange }: CallRun, account: AttemptAccount | undefined, end: AttemptEnd): void {
  if (account) exchange.context.ledger?.endAttempt(account, end);
}
