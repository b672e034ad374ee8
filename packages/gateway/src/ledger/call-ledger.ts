// The life of a call's money and tokens: limits are reserved, each attempt adds what it used, and all of it is settled exactly once,
// whoever ends the call. It knows nothing of HTTP. The order is always: count in the limits, then write the journal.
import { inputTokens, NO_USAGE, outputTokens, type Clock, type LedgerRecord, type TokenUsage } from "@flyball/core";
import { costOfCall } from "@flyball/traffic";
import type { LimitMemory } from "../limits/limit-layout.ts";
import type { Demand, LimitTable } from "../limits/limit-table.ts";
import { buildRecord } from "./build-record.ts";
import type {
  AttemptAccount,
  AttemptEnd,
  AttemptOutcomeAtStart,
  CallAccount,
  CallEnd,
  CallStart,
  OpenOutcome,
} from "./call-account.ts";
import { reserveLine, settleLine } from "./call-lines.ts";
import type { AccountLimit } from "./call-party.ts";
import type { CallTarget } from "./call-target.ts";
import type { UsageEstimator } from "./estimate-usage.ts";
import type { Journal } from "./journal.ts";
import { amountOf, amountsAtOpen, amountsNeeded, amountsOfAttempt, moneyLimit, type Amounts } from "./limit-amounts.ts";

/** The ledger of one worker. */
export interface CallLedger {
  /** Reserves all limits of a call at the most that one attempt can use, or none. */
  open(start: CallStart): OpenOutcome;
  /** Reserves what another attempt needs beyond what is left, and the limits of its backend; writes the call into the journal. */
  startAttempt(account: CallAccount, target: CallTarget): AttemptOutcomeAtStart;
  /** What the backend says was used so far; a later report replaces an earlier one. */
  reportUsage(attempt: AttemptAccount, usage: TokenUsage): void;
  /**
   * Bytes of the answer, before they go to the client. spent: a stream without a bound has come to the end of a limit and is to be cut
   * now; nothing of these bytes is covered.
   */
  deliver(attempt: AttemptAccount, bytes: number): "covered" | "spent";
  /** An attempt has ended; what it used is now known or estimated. Once per attempt; a second time does nothing. */
  endAttempt(attempt: AttemptAccount, end: AttemptEnd): void;
  /** The end. What still runs is ended as cancelled. The record, once: undefined when the call was settled before. */
  settle(account: CallAccount, end: CallEnd): LedgerRecord | undefined;
}

/** What a ledger is made with. */
export interface CallLedgerOptions {
  readonly app: string;
  readonly table: LimitTable;
  readonly memory: LimitMemory;
  readonly journal: Journal;
  readonly estimator: UsageEstimator;
  readonly clock: Clock;
}

/** Output tokens that a stream without a bound reserves first; each time they are used up the reservation doubles, by this at most. */
const FIRST_CHUNK_TOKENS = 512;
const LARGEST_CHUNK_TOKENS = 8_192;
/** When not even a chunk fits: so much more than is needed now. */
const SMALLEST_CHUNK_TOKENS = 64;

interface Parts extends CallLedgerOptions {
  readonly appJson: string;
  /** Of a call as it stands; one function for all calls. */
  readonly reserveJson: (account: CallAccount) => string;
}

/** Creates the ledger. */
export function createCallLedger(options: CallLedgerOptions): CallLedger {
  const parts: Parts = {
    ...options,
    appJson: JSON.stringify(options.app),
    reserveJson: (account) => reserveLine(parts, account),
  };
  return {
    open: (start) => open(parts, start),
    startAttempt: (account, target) => startAttempt(parts, account, target),
    reportUsage(attempt, usage) {
      if (attempt.outcome === undefined) attempt.reported = usage;
    },
    deliver: (attempt, bytes) => deliver(parts, attempt, bytes),
    endAttempt: (attempt, end) => endAttempt(parts, attempt, end),
    settle: (account, end) => settle(parts, account, end),
  };
}

function open(parts: Parts, start: CallStart): OpenOutcome {
  const now = parts.clock.now();
  const { limits } = start.party;
  const money = moneyLimit(limits);
  if (money) {
    if (start.prices.includes("unknown")) return { kind: "unpriced", limit: money };
    if (parts.journal.isFull) return { kind: "journal-full", limit: money };
  }
  const bound = start.outputTokens ?? FIRST_CHUNK_TOKENS;
  const taken = take(parts, limits, amountsAtOpen(start, bound), now);
  if (taken.kind !== "taken") return taken;
  const account: CallAccount = {
    start,
    requestJson: JSON.stringify(start.requestId),
    reservedAt: now,
    reservation: taken.reservation,
    reserved: taken.amounts,
    outputTokens: bound,
    attempts: [],
    isSettled: false,
  };
  return { kind: "opened", account };
}

function startAttempt(parts: Parts, account: CallAccount, target: CallTarget): AttemptOutcomeAtStart {
  const now = parts.clock.now();
  const isUnpriced = target.price === "unknown";
  const money = moneyLimit(target.limits) ?? (isUnpriced ? moneyLimit(account.start.party.limits) : undefined);
  if (money) {
    if (isUnpriced) return { kind: "unpriced", limit: money };
    if (parts.journal.isFull) return { kind: "journal-full", limit: money };
  }
  const unfit = account.attempts.length === 0 ? undefined : cover(parts, account, target, now);
  if (unfit) return { kind: "refused", limit: unfit, retryAfterMs: Number.POSITIVE_INFINITY, isShort: false };
  const taken =
    target.limits.length === 0
      ? UNLIMITED
      : take(parts, target.limits, amountsOfAttempt(account, undefined, target.price), now);
  if (taken.kind !== "taken") return taken;
  const attempt: AttemptAccount = {
    call: account,
    target,
    startedAt: now,
    reservation: taken.reservation,
    amounts: taken.amounts,
    deliveredBytes: 0,
    reported: undefined,
    outcome: undefined,
    usage: NO_USAGE,
    isEstimated: false,
    endedAt: now,
  };
  account.attempts.push(attempt);
  parts.journal.reserve(account.start.requestId, account, parts.reserveJson);
  return { kind: "started", attempt };
}

function deliver(parts: Parts, attempt: AttemptAccount, bytes: number): "covered" | "spent" {
  const { call, target } = attempt;
  const delivered = attempt.deliveredBytes + bytes;
  if (call.start.outputTokens === undefined) {
    const tokens = parts.estimator.outputTokens(target.providerModel, delivered);
    const { outputTokens: bound } = call;
    if (tokens > bound) {
      const chunk = Math.max(bound + Math.min(bound, LARGEST_CHUNK_TOKENS), tokens);
      if (!grow(parts, call, chunk) && !grow(parts, call, tokens + SMALLEST_CHUNK_TOKENS)) return "spent";
    }
  }
  attempt.deliveredBytes = delivered;
  return "covered";
}

function endAttempt(parts: Parts, attempt: AttemptAccount, { outcome, isWorkDone }: AttemptEnd): void {
  if (attempt.outcome !== undefined) return;
  const { target, reported, deliveredBytes, call } = attempt;
  attempt.outcome = outcome;
  attempt.endedAt = parts.clock.now();
  attempt.isEstimated = reported === undefined && isWorkDone;
  if (reported) {
    attempt.usage = reported;
    if (outcome === "succeeded") {
      parts.estimator.learn(target.providerModel, call.start.inputBytes, deliveredBytes, reported);
    }
  } else if (isWorkDone) attempt.usage = estimate(parts, attempt);
  if (attempt.reservation < 0) return;
  setAmounts(attempt.amounts, target.limits, amountsOfAttempt(call, attempt, target.price));
  parts.table.settle(attempt.reservation, attempt.amounts, attempt.endedAt);
}

/** What was reserved covers what can have been used, so the estimate is never above it. */
function estimate({ estimator }: Parts, { target, call, deliveredBytes }: AttemptAccount): TokenUsage {
  const usage = estimator.estimate(target.providerModel, call.start.inputBytes, deliveredBytes);
  const input = Math.min(usage.input, call.start.inputTokens);
  return { ...usage, input, output: Math.min(usage.output, call.outputTokens) };
}

function settle(parts: Parts, account: CallAccount, end: CallEnd): LedgerRecord | undefined {
  if (account.isSettled) return undefined;
  account.isSettled = true;
  const { attempts, start, reserved } = account;
  for (const attempt of attempts) endAttempt(parts, attempt, { outcome: "cancelled", isWorkDone: true });
  const now = parts.clock.now();
  const cost = costOfCall(attempts.map(({ usage, target: { price }, startedAt }) => ({ usage, price, at: startedAt })));
  const isCounted = attempts.length > 0 || end.isCached;
  if (account.reservation >= 0) {
    setAmounts(reserved, start.party.limits, usedBy(attempts, isCounted, cost));
    parts.table.settle(account.reservation, reserved, now);
  }
  const record = buildRecord(account, end, { app: parts.app, cost, endedAt: now });
  if (isCounted) {
    parts.journal.settle(start.requestId, settleLine(parts, account, record, now));
  }
  return record;
}

/**
 * Puts what was used in the place of what was reserved. Where tokens without a known price were used, what was reserved in money for them
 * is the nearest to their cost that is known, and stays.
 */
function setAmounts(amounts: number[], limits: readonly AccountLimit[], used: Amounts): void {
  for (let index = 0; index < limits.length; index += 1) {
    const { counter, unit } = limits[index] as AccountLimit;
    if (counter.kind === "budget" && used.isUnknown) continue;
    amounts[index] = amountOf(unit, used);
  }
}

function usedBy(attempts: readonly AttemptAccount[], isCounted: boolean, cost: LedgerRecord["cost"]): Amounts {
  let tokens = 0;
  for (const { usage } of attempts) tokens += inputTokens(usage) + outputTokens(usage);
  const { usd, cny, isUnknown } = cost;
  return { requests: isCounted ? 1 : 0, tokens, usd, cny, isUnknown };
}

/** Raises what is reserved to what the call may now come to. The limit that has no room left, when there is one. */
function cover(
  parts: Parts,
  account: CallAccount,
  next: CallTarget | undefined,
  now: number,
): AccountLimit | undefined {
  const { start, reservation, reserved } = account;
  const whole = { limits: start.party.limits, reservation, amounts: reserved };
  const unfit = raise(parts, whole, amountsNeeded(account, next), now);
  if (unfit) return unfit;
  for (const attempt of account.attempts) {
    if (attempt.outcome !== undefined) continue;
    const bound = amountsOfAttempt(account, attempt, attempt.target.price);
    const { amounts, target } = attempt;
    const refusing = raise(parts, { limits: target.limits, reservation: attempt.reservation, amounts }, bound, now);
    if (refusing) return refusing;
  }
  return undefined;
}

function raise(
  { table }: Parts,
  held: { readonly limits: readonly AccountLimit[]; readonly reservation: number; readonly amounts: number[] },
  needed: Amounts,
  now: number,
): AccountLimit | undefined {
  const { limits, reservation, amounts } = held;
  if (reservation < 0) return undefined;
  for (const [index, limit] of limits.entries()) {
    const more = amountOf(limit.unit, needed) - (amounts[index] as number);
    if (more <= 0) continue;
    if (!table.extend(reservation, index, more, now)) return limit;
    amounts[index] = (amounts[index] as number) + more;
  }
  return undefined;
}

function grow(parts: Parts, account: CallAccount, bound: number): boolean {
  const before = account.outputTokens;
  account.outputTokens = bound;
  if (cover(parts, account, undefined, parts.clock.now())) {
    account.outputTokens = before;
    return false;
  }
  parts.journal.reserve(account.start.requestId, account, parts.reserveJson);
  return true;
}

type Taken =
  | { readonly kind: "taken"; readonly reservation: number; readonly amounts: number[] }
  | Extract<OpenOutcome, { kind: "refused" }>
  | { readonly kind: "full" };

/** Nothing is reserved; the empty row of amounts is never written to. */
const UNLIMITED: Taken = { kind: "taken", reservation: -1, amounts: [] };

function take({ table }: Parts, limits: readonly AccountLimit[], wanted: Amounts, now: number): Taken {
  if (limits.length === 0) return UNLIMITED;
  const demands: Demand[] = [];
  const amounts: number[] = [];
  for (const { counter, unit } of limits) {
    const amount = amountOf(unit, wanted);
    demands.push({ counter, amount });
    amounts.push(amount);
  }
  const outcome = table.reserve(demands, now);
  switch (outcome.kind) {
    case "reserved":
      return { kind: "taken", reservation: outcome.reservation, amounts };
    case "refused":
    case "short": {
      const { demand, retryAfterMs } = outcome;
      return {
        kind: "refused",
        limit: limits[demand] as AccountLimit,
        retryAfterMs,
        isShort: outcome.kind === "short",
      };
    }
    case "full":
      return outcome;
    default:
      return outcome satisfies never;
  }
}
