// The one place where a call's account is closed: when its response has ended, whoever ended it.
import type { LedgerOutcome } from "@flyball/core";
import type { Exchange } from "../stages/exchange.ts";
import { recordCall } from "./record-call.ts";

/** Settles the account of a request, if it has one. `status` 499: the client left before its answer was whole. */
export function settleCall(exchange: Exchange, status: number): void {
  const { account, context } = exchange;
  if (!account) return;
  exchange.account = undefined;
  const record = context.ledger?.settle(account, {
    outcome: outcomeOf(exchange, status),
    status: status === 499 && !exchange.response.headersSent ? 0 : exchange.response.statusCode,
    ttftMs: exchange.firstContentAt === undefined ? undefined : exchange.firstContentAt - exchange.startedAt,
    isResumed: exchange.wasResumed,
    isHedged: exchange.wasHedged,
    isCached: exchange.wasCached,
  });
  if (!record) return;
  recordCall(exchange, record);
  if (exchange.forecast) context.learning.learn(exchange.forecast, account, record);
}

function outcomeOf({ wasBrokenOff, firstContentAt, shed, toldError }: Exchange, status: number): LedgerOutcome {
  if (status === 499) return "cancelled";
  if (shed !== undefined) return "shed";
  if (toldError === "FB_GATEWAY_LIMIT_LATE") return "limit-late";
  if (wasBrokenOff) return firstContentAt === undefined ? "failed" : "cut";
  return status < 400 ? "answered" : "failed";
}
