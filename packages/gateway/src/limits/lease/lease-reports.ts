// From the accounts of all limits to what the store is told and asked next, and from its answer back into shared memory.
import { planLease, type CounterLease, type LeaseGrant } from "@flyball/traffic";
import {
  adjust,
  holdingsOf,
  isQuiet,
  rest,
  setLowWater,
  type AccountMemory,
  type LeaseAccount,
} from "./lease-account.ts";
import { describeLease, onReported, onUnanswered } from "./describe-lease.ts";
import { lookAt } from "./lease-use.ts";
import { counterAt, leaseAt } from "../limit-layout.ts";
import { ASKED_AT, endRefill, REFILLS, SHORT_AT } from "./lease-cells.ts";
import { keepDry } from "./lease-loss.ts";
import { MAX_REPORTED, type ReportedLimit } from "./lease-store.ts";

/** What was spent of a budget as control knows it. */
export type KnownSpent = (account: LeaseAccount) => number;

/** One limit of a report with what is to be remembered until the answer. */
export interface ReportItem {
  readonly account: LeaseAccount;
  readonly reported: ReportedLimit;
  readonly needed: number;
  /** At hand when it was asked for. */
  readonly atHand: number;
  /** Its number at this limit. */
  readonly refill: number;
}

/** Circumstances of a report. */
export interface ReportSituation {
  readonly now: number;
  readonly gateways: number;
  /** Time that the store takes to answer when it is slow. */
  readonly roundTripMs: number;
  /** The store lends. */
  readonly isLending: boolean;
  readonly origin: string;
  readonly knownSpent: KnownSpent;
}

/** A limit that was used lately keeps a lease for so long. */
const KEEP_UNUSED_MS = 10_000;
/** After others wanted what was not there, nobody keeps anything at hand for so long. */
const CONTENDED_MS = 1_000;
/** So long calls may try again while others give back; then the limit counts as spent for a moment. */
const RECALL_MS = 25;
const SHORTEST_DRY_MS = 50;
const LONGEST_DRY_MS = 250;
const RETRY_MS = 1_000;
/** So long it takes a worker at most to take what its calls waited for. */
const PROMISE_MS = 12;
/** What is held is told again at least so often: the store forgets what nobody speaks of. */
const REMIND_MS = 60_000;
const FORGET_AFTER_MS = 600_000;
const FORGET_BUDGET_MS = 40 * 86_400_000;
const SHORTEST_REPORT_MS = 50;
const LONGEST_REPORT_MS = 1_000;

/**
 * Looks at every account that is not quiet and composes the next report: what calls wait for comes first. A limit for which the store is
 * asked already is left out: one refill of it is under way at a time, and what calls want meanwhile is summed up for the next.
 */
export function composeReport(
  from: AccountMemory,
  accounts: Iterable<LeaseAccount>,
  situation: ReportSituation,
): ReportItem[] {
  const waitedFor: LeaseAccount[] = [];
  const others: LeaseAccount[] = [];
  for (const account of accounts) {
    if (account.isUnderWay) continue;
    if (isQuiet(from, account) && !isReminderDue(account, situation.now) && !account.isRecalled) continue;
    lookAt(from, account, situation.now);
    (account.needed > 0 ? waitedFor : others).push(account);
  }
  const items: ReportItem[] = [];
  for (const list of [waitedFor, others]) {
    for (const account of list) {
      if (items.length === MAX_REPORTED) return items;
      const item = composeItem(from, account, situation);
      if (item) items.push(item);
      // What was lent to calls that are gone by now is still to be given back.
      else if (situation.now >= account.promisedUntil) rest(from, account);
    }
  }
  return items;
}

/** The last report: nothing is held any more. */
export function composeLast(
  from: AccountMemory,
  accounts: Iterable<LeaseAccount>,
  situation: ReportSituation,
): ReportItem[] {
  return [...accounts].flatMap((account) => {
    if (isQuiet(from, account) && account.reportedHeld === 0) return [];
    lookAt(from, account, situation.now);
    const asks = { ...situation, wanted: 0, isEnd: true, knownSpent: situation.knownSpent(account) };
    return [itemOf(from, account, { lease: describeLease(from, account, asks), needed: 0, atHand: 0 })];
  });
}

/** The report was sent: calls wait for what it asks for from now on. */
export function noteAsked({ memory }: AccountMemory, items: readonly ReportItem[], wall: number): void {
  for (const { account, reported } of items) {
    account.isUnderWay = true;
    if (reported.lease.wanted > 0) memory.cells[leaseAt(account.limit.counter.index) + ASKED_AT] = wall;
  }
}

/** Nothing of it was written down: whoever waits tries again. */
export function noteUnanswered({ memory }: AccountMemory, items: readonly ReportItem[]): void {
  for (const { account, refill } of items) {
    onUnanswered(account);
    endRefill(memory.cells, leaseAt(account.limit.counter.index), refill);
  }
}

/** Takes what the store lends. The names of limits of which others hold what calls wait for here. */
export function takeGrants(
  from: AccountMemory,
  items: readonly ReportItem[],
  grants: readonly LeaseGrant[],
  times: { readonly now: number; readonly wall: number },
): string[] {
  const recalls: string[] = [];
  for (const [index, { account, reported, needed, atHand, refill }] of items.entries()) {
    const grant = grants[index];
    const { counter } = account.limit;
    // Its counter may be another limit's by now.
    if (!grant || from.memory.cells[counterAt(counter.index)] !== counter.generation) continue;
    const lease = leaseAt(counter.index);
    onReported(account, reported.lease, grant.granted, times.now);
    if (grant.granted > 0) adjust(from, account, grant.granted);
    endRefill(from.memory.cells, lease, refill);
    if (grant.granted < reported.lease.wanted) account.contendedUntil = times.now + CONTENDED_MS;
    if (needed === 0) continue;
    if (grant.granted > 0) account.promisedUntil = times.now + PROMISE_MS;
    if (atHand + grant.granted >= needed) {
      account.shortSince = undefined;
      from.memory.cells[lease + SHORT_AT] = 0;
      keepDry(from, account, 0);
      continue;
    }
    from.memory.cells[lease + SHORT_AT] = times.wall;
    account.shortSince ??= times.now;
    if (grant.othersHold > 0) recalls.push(reported.name);
    if (grant.othersHold > 0 && times.now - account.shortSince < RECALL_MS) continue;
    account.shortSince = undefined;
    const dryMs = Math.min(LONGEST_DRY_MS, Math.max(SHORTEST_DRY_MS, grant.retryMs));
    keepDry(from, account, times.wall + dryMs, times.wall + (grant.retryMs || RETRY_MS));
  }
  return recalls;
}

/** Under which name the store knows it; a budget has another one in each period. */
export function nameOf({ limit, periodStart }: LeaseAccount): string {
  return limit.counter.kind === "budget" ? `${limit.id} ${periodStart}` : limit.id;
}

function composeItem(from: AccountMemory, account: LeaseAccount, situation: ReportSituation): ReportItem | undefined {
  const { now, isLending } = situation;
  const { needed } = account;
  const { wanted, surplus, atHand } = isLending ? plan(from, account, situation) : IDLE;
  if (surplus > 0) adjust(from, account, -surplus);
  if (wanted === 0 && surplus === 0 && needed === 0 && !isDue(from, account, now)) return undefined;
  account.needed = 0;
  account.isRecalled = false;
  const asks = { ...situation, wanted, isEnd: false, knownSpent: situation.knownSpent(account) };
  return itemOf(from, account, { lease: describeLease(from, account, asks), needed, atHand });
}

const IDLE = { wanted: 0, surplus: 0, atHand: 0 };

function plan(
  from: AccountMemory,
  account: LeaseAccount,
  { now, gateways, roundTripMs }: ReportSituation,
): { readonly wanted: number; readonly surplus: number; readonly atHand: number } {
  const { limit, needed, usedPerSecond, takenPerSecond, lastUsedAt } = account;
  const { atHand } = holdingsOf(from, account);
  const isUsed = now - lastUsedAt < KEEP_UNUSED_MS;
  const { wanted, surplus, lowWater } = planLease({
    limit: limit.limit,
    atHand,
    needed,
    usedPerSecond: isUsed ? Math.max(1, usedPerSecond) : 0,
    takenPerSecond: isUsed ? takenPerSecond : 0,
    roundTripMs,
    isContended: account.isRecalled || now < account.contendedUntil,
    gateways,
    // What a dead gateway held of a budget stays spent for its whole period.
    isStanding: limit.counter.kind !== "budget",
  });
  setLowWater(from, account, lowWater);
  return { wanted, surplus: now < account.promisedUntil ? 0 : surplus, atHand };
}

function isReminderDue({ reportedHeld, lastReportAt }: LeaseAccount, now: number): boolean {
  return reportedHeld > 0 && now - lastReportAt >= REMIND_MS;
}

/** Whether it is time to tell what has changed. */
function isDue(from: AccountMemory, account: LeaseAccount, now: number): boolean {
  const { limit, unreported, givenBack, spent, reportedSpent, reportedHeld } = account;
  const passedMs = now - account.lastReportAt;
  const { atHand, reserved } = holdingsOf(from, account);
  const held = (account.isAway ? 0 : Math.max(0, atHand)) + reserved;
  const isNew = unreported.length > 0 || givenBack > 0 || spent !== reportedSpent || held !== reportedHeld;
  if (!isNew) return isReminderDue(account, now);
  if (account.isRecalled) return now >= account.promisedUntil;
  if (now < account.contendedUntil) return passedMs >= SHORTEST_REPORT_MS;
  const everyMs = limit.windowMs === 0 ? LONGEST_REPORT_MS : limit.windowMs / 60;
  return passedMs >= Math.min(LONGEST_REPORT_MS, Math.max(SHORTEST_REPORT_MS, everyMs));
}

function itemOf(
  { memory }: AccountMemory,
  account: LeaseAccount,
  { lease, needed, atHand }: { readonly lease: CounterLease } & Pick<ReportItem, "needed" | "atHand">,
): ReportItem {
  const { limit } = account;
  const refill = memory.cells[leaseAt(limit.counter.index) + REFILLS] as number;
  const forgetAfterMs =
    lease.kind === "budget" ? FORGET_BUDGET_MS : Math.max(FORGET_AFTER_MS, limit.windowMs * 1.2 + FORGET_AFTER_MS);
  return { account, reported: { name: nameOf(account), forgetAfterMs, lease }, needed, atHand, refill };
}
