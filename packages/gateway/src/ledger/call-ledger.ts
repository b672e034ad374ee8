// The life of a call's money and tokens: limits are reserved, each attempt adds what it used, and all of it is settled exactly once,
// whoever ends the call. It knows nothing of HTTP. The order is always: count in the limits, then write the journal.
import { inputTokens, NO_USAGE, outputTokens, type Clock, type LedgerRecord, type TokenUsage } from "@flyball/core";
import { costOfCall } from "@flyball/traffic";
import type { LimitMemory } from "../limits/limit-layout.ts";
import type { LimitTable } from "../limits/limit-table.ts";
import { learnFrom, usageOfAttempt } from "./attempt-usage.ts";
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
import type { CallIds } from "./call-ids.ts";
import { reserveLine, settleLine } from "./call-lines.ts";
import type { CallTarget } from "./call-target.ts";
import type { UsageEstimator } from "./estimate-usage.ts";
import { coverCall, setAmounts, takeShares, UNLIMITED, type Uncovered } from "./hold-limits.ts";
import type { Journal } from "./journal.ts";
import { amountOf, amountsAtOpen, amountsNeeded, amountsOfAttempt, moneyLimit, type Amounts } from "./limit-amounts.ts";

/** The ledger of one worker. */
export interface CallLedger {
  /** Reserves all limits of a call at the most that one attempt can use, or none. */
  open(start: CallStart): OpenOutcome;
  /**
   * Reserves what another attempt needs beyond what is left, and the limits of its backend; writes the call into the journal. `isBounded`:
   * the backend is told the call's bound; unless given, when there is one.
   */
  startAttempt(account: CallAccount, target: CallTarget, isBounded?: boolean): AttemptOutcomeAtStart;
  /** What the backend says was used so far, before what came with it is delivered; a later report replaces an earlier one. */
  reportUsage(attempt: AttemptAccount, usage: TokenUsage): void;
  /**
   * Bytes that the model wrote, before they go to the client. The limit that does not cover a stream without a bound any further: it is to
   * be cut now, and nothing of these bytes is covered. undefined: all is covered.
   */
  deliver(attempt: AttemptAccount, contentBytes: number): Uncovered | undefined;
  /** Whether anybody needs to know how many bytes the model wrote in a whole answer. */
  wantsContent(attempt: AttemptAccount): boolean;
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
  readonly ids: CallIds;
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
    startAttempt: (account, target, isBounded = account.start.outputTokens !== undefined) =>
      startAttempt(parts, { account, target, isBounded }),
    reportUsage(attempt, usage) {
      if (attempt.outcome !== undefined || attempt.reported === usage) return;
      attempt.reported = usage;
      attempt.bytesAtReport = attempt.contentBytes;
    },
    deliver: (attempt, contentBytes) => deliver(parts, attempt, contentBytes),
    wantsContent: ({ reported, target: { providerModel } }) =>
      reported === undefined || parts.estimator.wantsSample(providerModel),
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
  const taken = takeShares(parts.table, limits, amountsAtOpen(start, bound), now);
  if (taken.kind !== "taken") return taken;
  const account: CallAccount = {
    start,
    id: parts.ids(now),
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

function startAttempt(
  parts: Parts,
  { account, target, isBounded }: Pick<AttemptAccount, "target" | "isBounded"> & { readonly account: CallAccount },
): AttemptOutcomeAtStart {
  const now = parts.clock.now();
  const isUnpriced = target.price === "unknown";
  const money = moneyLimit(target.limits) ?? (isUnpriced ? moneyLimit(account.start.party.limits) : undefined);
  if (money) {
    if (isUnpriced) return { kind: "unpriced", limit: money };
    if (parts.journal.isFull) return { kind: "journal-full", limit: money };
  }
  const unfit = account.attempts.length === 0 ? undefined : coverCall(parts.table, account, target, now);
  if (unfit) {
    const { limit, asked } = unfit;
    return {
      kind: "refused",
      limit,
      amount: amountOf(limit.unit, amountsNeeded(account, target)),
      retryAfterMs: Number.POSITIVE_INFINITY,
      asked: asked ? [asked] : [],
      isStoreAway: false,
    };
  }
  const taken =
    target.limits.length === 0
      ? UNLIMITED
      : takeShares(parts.table, target.limits, amountsOfAttempt(account, undefined, target.price), now);
  if (taken.kind !== "taken") return taken;
  const attempt: AttemptAccount = {
    call: account,
    target,
    startedAt: now,
    reservation: taken.reservation,
    amounts: taken.amounts,
    isBounded,
    contentBytes: 0,
    reported: undefined,
    bytesAtReport: 0,
    outcome: undefined,
    usage: NO_USAGE,
    isEstimated: false,
    endedAt: now,
  };
  account.attempts = [...account.attempts, attempt];
  parts.journal.reserve(account.id, account, parts.reserveJson);
  return { kind: "started", attempt };
}

function deliver(parts: Parts, attempt: AttemptAccount, contentBytes: number): Uncovered | undefined {
  const { call, target } = attempt;
  const delivered = attempt.contentBytes + contentBytes;
  if (!attempt.isBounded) {
    const tokens = parts.estimator.outputTokens(target.providerModel, delivered);
    const { outputTokens: bound } = call;
    if (tokens > bound) {
      const chunk = Math.max(bound + Math.min(bound, LARGEST_CHUNK_TOKENS), tokens);
      const uncovered = grow(parts, call, chunk) && grow(parts, call, tokens + SMALLEST_CHUNK_TOKENS);
      if (uncovered) return uncovered;
    }
  }
  attempt.contentBytes = delivered;
  return undefined;
}

function endAttempt(parts: Parts, attempt: AttemptAccount, { outcome, isWorkDone, isWhole }: AttemptEnd): void {
  if (attempt.outcome !== undefined) return;
  const { target, reported, call } = attempt;
  attempt.outcome = outcome;
  attempt.endedAt = parts.clock.now();
  attempt.usage = usageOfAttempt(parts.estimator, attempt, { isWorkDone, isWhole });
  attempt.isEstimated = reported === undefined ? isWorkDone : attempt.usage !== reported;
  if (reported && isWhole && outcome === "succeeded") learnFrom(parts.estimator, attempt, reported);
  if (attempt.reservation < 0) return;
  setAmounts(attempt.amounts, target.limits, amountsOfAttempt(call, attempt, target.price));
  parts.table.settle(attempt.reservation, attempt.amounts, attempt.endedAt);
}

function settle(parts: Parts, account: CallAccount, end: CallEnd): LedgerRecord | undefined {
  if (account.isSettled) return undefined;
  account.isSettled = true;
  const { attempts, start, reserved } = account;
  for (const attempt of attempts) {
    endAttempt(parts, attempt, { outcome: "cancelled", isWorkDone: true, isWhole: false });
  }
  const now = parts.clock.now();
  const cost = costOfCall(attempts.map(({ usage, target: { price }, startedAt }) => ({ usage, price, at: startedAt })));
  const isCounted = attempts.length > 0 || end.isCached;
  if (account.reservation >= 0) {
    setAmounts(reserved, start.party.limits, usedBy(attempts, isCounted, cost));
    parts.table.settle(account.reservation, reserved, now);
  }
  const record = buildRecord(account, end, { app: parts.app, cost, endedAt: now });
  if (isCounted) {
    parts.journal.settle(account.id, settleLine(parts, account, record, now));
  }
  return record;
}

function usedBy(attempts: readonly AttemptAccount[], isCounted: boolean, cost: LedgerRecord["cost"]): Amounts {
  let tokens = 0;
  for (const { usage } of attempts) tokens += inputTokens(usage) + outputTokens(usage);
  const { usd, cny, isUnknown } = cost;
  return { requests: isCounted ? 1 : 0, tokens, usd, cny, isUnknown };
}

/** The limit that does not let the reservation of the output grow, when there is one. */
function grow(parts: Parts, account: CallAccount, bound: number): Uncovered | undefined {
  const before = account.outputTokens;
  account.outputTokens = bound;
  const unfit = coverCall(parts.table, account, undefined, parts.clock.now());
  if (unfit) account.outputTokens = before;
  else parts.journal.reserve(account.id, account, parts.reserveJson);
  return unfit;
}
