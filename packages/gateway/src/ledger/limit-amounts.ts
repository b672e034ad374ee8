// How much of each limit a call takes: one request, its tokens, its money. The bounds of what runs count whole until it has ended.
import { inputTokens, outputTokens, type Currency } from "@flyball/core";
import { costOf, maximumCost, type Price } from "@flyball/traffic";
import type { LimitUnit } from "../limits/limit-registry.ts";
import type { AttemptAccount, CallAccount, CallStart } from "./call-account.ts";
import type { AccountLimit } from "./call-party.ts";
import type { CallTarget } from "./call-target.ts";

/** Amounts in every unit. */
export interface Amounts {
  requests: number;
  tokens: number;
  usd: number;
  cny: number;
  /** Something has no known price. */
  isUnknown: boolean;
}

/** The share of one limit. */
export function amountOf(unit: LimitUnit, amounts: Amounts): number {
  switch (unit) {
    case "requests":
      return amounts.requests;
    case "concurrency":
      return 1;
    case "tokens":
      return amounts.tokens;
    case "usd":
      return amounts.usd;
    case "cny":
      return amounts.cny;
    default:
      return unit satisfies never;
  }
}

/** The first limit in money; undefined when there is none. */
export function moneyLimit(limits: readonly AccountLimit[]): AccountLimit | undefined {
  for (const limit of limits) if (limit.counter.kind === "budget") return limit;
  return undefined;
}

/** Before any attempt: one attempt at the dearest of the backends, in each currency. */
export function amountsAtOpen(start: CallStart, outputBound: number): Amounts {
  const amounts: Amounts = { requests: 1, tokens: start.inputTokens + outputBound, usd: 0, cny: 0, isUnknown: false };
  for (const price of start.prices) {
    const most = maximumCost({ inputTokens: start.inputTokens, outputTokens: outputBound }, price);
    if (most.kind === "unknown") amounts.isUnknown = true;
    else amounts[most.currency] = Math.max(amounts[most.currency], most.microUnits);
  }
  return amounts;
}

/** The most that a call can come to with what has ended, what runs, and one attempt more. */
export function amountsNeeded(account: CallAccount, next: CallTarget | undefined): Amounts {
  const amounts: Amounts = { requests: 1, tokens: 0, usd: 0, cny: 0, isUnknown: false };
  for (const attempt of account.attempts) addAttempt(amounts, attempt);
  if (next) addBound(amounts, account, next.price);
  return amounts;
}

/** The most that one attempt can come to, or what it came to. */
export function amountsOfAttempt(account: CallAccount, attempt: AttemptAccount | undefined, price: Price): Amounts {
  const amounts: Amounts = { requests: 1, tokens: 0, usd: 0, cny: 0, isUnknown: false };
  if (attempt?.outcome === undefined) addBound(amounts, account, price);
  else addAttempt(amounts, attempt);
  return amounts;
}

function addAttempt(amounts: Amounts, attempt: AttemptAccount): void {
  const { price } = attempt.target;
  if (attempt.outcome === undefined) {
    addBound(amounts, attempt.call, price);
    return;
  }
  const { usage } = attempt;
  amounts.tokens += inputTokens(usage) + outputTokens(usage);
  const cost = costOf(usage, price, attempt.startedAt);
  // Tokens of a kind that the price does not name: the bound of the whole attempt stands in for them.
  if (cost.kind === "unknown") addMoneyBound(amounts, attempt.call, price);
  else addMoney(amounts, cost.currency, cost.microUnits);
}

function addBound(amounts: Amounts, { start, outputTokens: output }: CallAccount, price: Price): void {
  amounts.tokens += start.inputTokens + output;
  addMoneyBound(amounts, { start, outputTokens: output }, price);
}

function addMoneyBound(
  amounts: Amounts,
  { start, outputTokens: output }: Pick<CallAccount, "start" | "outputTokens">,
  price: Price,
): void {
  const most = maximumCost({ inputTokens: start.inputTokens, outputTokens: output }, price);
  if (most.kind === "unknown") amounts.isUnknown = true;
  else addMoney(amounts, most.currency, most.microUnits);
}

function addMoney(amounts: Amounts, currency: Currency, microUnits: number): void {
  amounts[currency] += microUnits;
}
