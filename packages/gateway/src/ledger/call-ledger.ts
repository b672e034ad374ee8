// The life of a call's money and tokens: limits are reserved, each attempt adds what it used, and all of it is settled exactly once,
// whoever ends the call. It knows nothing of HTTP. The order is always: count in the limits, then write the journal.
import { inputTokens, NO_USAGE, outputTokens, type Clock, type LedgerRecord, type TokenUsage } from "@flyball/core";
import { costOfCall, readBudget } from "@flyball/traffic";
import { counterAt, type CounterRef, type LimitMemory } from "../limits/limit-layout.ts";
import type { Demand, LimitTable } from "../limits/limit-table.ts";
import { answeringAttempt, buildRecord } from "./build-record.ts";
import type {
  AccountLimit,
  AttemptAccount,
  AttemptEnd,
  AttemptOutcomeAtStart,
  AttemptStart,
  CallAccount,
  CallEnd,
  CallStart,
  OpenOutcome,
} from "./call-account.ts";
import type { UsageEstimator } from "./estimate-usage.ts";
import { createShareJson, reserveJson, settleJson, type ShareJson } from "./journal-json.ts";
import type { Journal } from "./journal.ts";
import {
  amountOf,
  amountsAtOpen,
  amountsNeeded,
  amountsOfAttempt,
  costOfAmounts,
  moneyLimit,
  type Amounts,
} from "./limit-amounts.ts";

/** The ledger of one worker. */
export interface CallLedger {
  /** Reserves all limits of a call at the most that one attempt can use, or none. */
  open(start: CallStart): OpenOutcome;
  /** Reserves what another attempt needs beyond what is left, and the limits of its backend; writes the call into the journal. */
  startAttempt(account: CallAccount, start: AttemptStart): AttemptOutcomeAtStart;
  /** What the backend says was used so far; a later report replaces an earlier one. */
  reportUsage(attempt: AttemptAccount, usage: TokenUsage): void;
  /**
   * Bytes of the answer, before they go to the client. spent: a stream without a bound has come to the end of a limit and is to be cut
   * now; nothing of these bytes is covered.
   */
  deliver(attempt: AttemptAccount, bytes: number): "covered" | "spent";
  /** An attempt has ended; what it used is now known or estimated. Once per attempt; a second time does nothing. */
  endAttempt(attempt: AttemptAccount, end: AttemptEnd): void;
  /** The end. What still runs is ended as cancelled. undefined: the call was settled before. */
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
  /** Every record, once. */
  readonly onRecord: (record: LedgerRecord) => void;
}

/** Output tokens that a stream without a bound reserves first; each time they are used up the reservation doubles, by this at most. */
const FIRST_CHUNK_TOKENS = 512;
const LARGEST_CHUNK_TOKENS = 8_192;
/** When not even a chunk fits: so much more than is needed now. */
const SMALLEST_CHUNK_TOKENS = 64;

interface Parts extends CallLedgerOptions {
  readonly shares: ShareJson;
}

/** Creates the ledger. */
export function createCallLedger(options: CallLedgerOptions): CallLedger {
  const parts: Parts = { ...options, shares: createShareJson() };
  return {
    open: (start) => open(parts, start),
    startAttempt: (account, start) => startAttempt(parts, account, start),
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
  const money = moneyLimit(start.limits);
  if (money) {
    if (start.prices.includes("unknown")) return { kind: "unpriced", limit: money };
    if (parts.journal.isFull) return { kind: "journal-full", limit: money };
  }
  const bound = start.outputTokens ?? FIRST_CHUNK_TOKENS;
  const taken = take(parts, start.limits, amountsAtOpen(start, bound), now);
  if (taken.kind !== "taken") return taken;
  const { reservation, amounts: reserved } = taken;
  const account = {
    start,
    reservedAt: now,
    reservation,
    reserved,
    outputTokens: bound,
    attempts: [],
    isSettled: false,
  };
  return { kind: "opened", account };
}

function startAttempt(parts: Parts, account: CallAccount, start: AttemptStart): AttemptOutcomeAtStart {
  const now = parts.clock.now();
  const money = moneyLimit(start.limits) ?? (start.price === "unknown" ? moneyLimit(account.start.limits) : undefined);
  if (money) {
    if (start.price === "unknown") return { kind: "unpriced", limit: money };
    if (parts.journal.isFull) return { kind: "journal-full", limit: money };
  }
  const unfit = cover(parts, account, start, now);
  if (unfit) return { kind: "refused", limit: unfit, retryAfterMs: Number.POSITIVE_INFINITY };
  const taken = take(parts, start.limits, amountsOfAttempt(account, undefined, start.price), now);
  if (taken.kind !== "taken") return taken;
  const attempt: AttemptAccount = {
    call: account,
    start,
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
  writeReserve(parts, account);
  return { kind: "started", attempt };
}

function deliver(parts: Parts, attempt: AttemptAccount, bytes: number): "covered" | "spent" {
  const { call, start } = attempt;
  const delivered = attempt.deliveredBytes + bytes;
  if (call.start.outputTokens === undefined) {
    const tokens = parts.estimator.outputTokens(start.providerModel, delivered);
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
  const { start, reported, deliveredBytes, call } = attempt;
  const { inputBytes } = call.start;
  attempt.outcome = outcome;
  attempt.endedAt = parts.clock.now();
  attempt.isEstimated = reported === undefined && isWorkDone;
  if (reported) attempt.usage = reported;
  else if (isWorkDone) attempt.usage = estimate(parts, attempt);
  if (reported && outcome === "succeeded")
    parts.estimator.learn(start.providerModel, inputBytes, deliveredBytes, reported);
  if (attempt.reservation < 0) return;
  const used = amountsOfAttempt(call, attempt, start.price);
  for (const [index, limit] of start.limits.entries()) attempt.amounts[index] = amountOf(limit.unit, used);
  parts.table.settle(attempt.reservation, attempt.amounts, attempt.endedAt);
}

/** What was reserved covers what can have been used, so the estimate is never above it. */
function estimate({ estimator }: Parts, { start, call, deliveredBytes }: AttemptAccount): TokenUsage {
  const usage = estimator.estimate(start.providerModel, call.start.inputBytes, deliveredBytes);
  const input = Math.min(usage.input, call.start.inputTokens);
  return { ...usage, input, output: Math.min(usage.output, call.outputTokens) };
}

function settle(parts: Parts, account: CallAccount, end: CallEnd): LedgerRecord | undefined {
  if (account.isSettled) return undefined;
  account.isSettled = true;
  for (const attempt of account.attempts) endAttempt(parts, attempt, { outcome: "cancelled", isWorkDone: true });
  const now = parts.clock.now();
  const { attempts, start, reserved } = account;
  const cost = costOfCall(attempts.map(({ usage, start: { price }, startedAt }) => ({ usage, price, at: startedAt })));
  const isCounted = attempts.length > 0 || end.isCached;
  if (account.reservation >= 0) {
    const used = usedBy(attempts, isCounted, cost);
    for (const [index, { unit, counter }] of start.limits.entries()) {
      // Tokens without a known price were used: what was reserved for them is the nearest to their cost that is known.
      if (counter.kind === "budget" && cost.isUnknown) continue;
      reserved[index] = amountOf(unit, used);
    }
    parts.table.settle(account.reservation, reserved, now);
  }
  const record = buildRecord(account, end, { app: parts.app, cost, endedAt: now });
  if (isCounted) {
    const shares = sharesOf(parts, account, true);
    const json = settleJson({ at: now, reservedAt: account.reservedAt, shares, record });
    parts.journal.settle(start.requestId, json);
  }
  parts.onRecord(record);
  return record;
}

function usedBy(attempts: readonly AttemptAccount[], isCounted: boolean, cost: LedgerRecord["cost"]): Amounts {
  let tokens = 0;
  for (const { usage } of attempts) tokens += inputTokens(usage) + outputTokens(usage);
  return { requests: isCounted ? 1 : 0, tokens, ...cost };
}

/** Raises what is reserved to what the call may now come to. The limit that has no room left, when there is one. */
function cover(
  parts: Parts,
  account: CallAccount,
  next: AttemptStart | undefined,
  now: number,
): AccountLimit | undefined {
  const { start, reservation, reserved } = account;
  const needed = amountsNeeded(account, next);
  const unfit = raise(parts, { limits: start.limits, reservation, amounts: reserved }, needed, now);
  if (unfit) return unfit;
  for (const attempt of account.attempts) {
    if (attempt.outcome !== undefined) continue;
    const bound = amountsOfAttempt(account, attempt, attempt.start.price);
    const { amounts } = attempt;
    const refusing = raise(
      parts,
      { limits: attempt.start.limits, reservation: attempt.reservation, amounts },
      bound,
      now,
    );
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
  writeReserve(parts, account);
  return true;
}

type Taken =
  | { readonly kind: "taken"; readonly reservation: number; readonly amounts: number[] }
  | { readonly kind: "refused"; readonly limit: AccountLimit; readonly retryAfterMs: number }
  | { readonly kind: "full" };

function take({ table }: Parts, limits: readonly AccountLimit[], wanted: Amounts, now: number): Taken {
  if (limits.length === 0) return { kind: "taken", reservation: -1, amounts: [] };
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
      return { kind: "refused", limit: limits[outcome.demand] as AccountLimit, retryAfterMs: outcome.retryAfterMs };
    case "full":
      return outcome;
    default:
      return outcome satisfies never;
  }
}

function writeReserve(parts: Parts, account: CallAccount): void {
  const { start, reservedAt } = account;
  const { requestId: request, key, tenant, route, model } = start;
  const attempt = answeringAttempt(account.attempts);
  const { backend = "", provider = "", providerModel = "" } = attempt?.start ?? {};
  const subjects = { app: parts.app, key, tenant, route, model, backend, provider, providerModel };
  const json = reserveJson({
    request,
    at: reservedAt,
    subjects,
    inputTokens: start.inputTokens * account.attempts.length,
    outputTokens: account.outputTokens * account.attempts.length,
    cost: costOfAmounts(amountsNeeded(account, undefined)),
    shares: sharesOf(parts, account, false),
  });
  parts.journal.reserve(request, json);
}

/** The shares of all limits of a call and its backends. `isSpent`: they are final, and budgets are added to the journal's sums. */
function sharesOf(parts: Parts, account: CallAccount, isSpent: boolean): string {
  let shares = addShares(parts, "", { limits: account.start.limits, amounts: account.reserved }, isSpent);
  for (const { start, amounts } of account.attempts) {
    shares = addShares(parts, shares, { limits: start.limits, amounts }, isSpent);
  }
  return shares;
}

function addShares(
  { shares, memory, journal }: Parts,
  before: string,
  { limits, amounts }: { readonly limits: readonly AccountLimit[]; readonly amounts: readonly number[] },
  isSpent: boolean,
): string {
  let text = before;
  for (const [index, { id, counter }] of limits.entries()) {
    if (counter.kind === "concurrency") continue;
    const amount = amounts[index] as number;
    const periodStart = counter.kind === "budget" ? periodStartOf(memory, counter) : undefined;
    if (isSpent && periodStart !== undefined) journal.spend(id, amount, periodStart);
    if (text !== "") text += ",";
    text += shares.share(id, amount, periodStart);
  }
  return text;
}

/** undefined: the counter belongs to another limit by now. */
function periodStartOf({ cells }: LimitMemory, { index, generation }: CounterRef): number | undefined {
  const at = counterAt(index);
  return cells[at] === generation ? readBudget({ cells, at: at + 1 }).periodStart : undefined;
}
