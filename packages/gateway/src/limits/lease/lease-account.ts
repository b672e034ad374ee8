// What the main thread knows of the lease of one limit: how much it was granted, how much of that was used since, and what it said of it
// to the store. All of it follows from the numbers in shared memory, so that nothing on the way of a request has to tell it anything:
// used = granted − at hand − reserved for calls in flight.
import type { AgedUse, CounterLease } from "@flyball/traffic";
import { counterAt, leaseAt, type LimitMemory } from "../limit-layout.ts";
import { openLock, takeLock } from "../limit-lock.ts";
import type { RegisteredLimit } from "../limit-registry.ts";
import { AT_HAND, DRY_UNTIL, GIVEN_BACK, LOW_WATER, NEEDED, WAS_RUNG } from "./lease-cells.ts";

/** Reports of a rate's use that wait are joined to so many pieces of its window. */
export const PIECES = 60;
/** Where a budget's and a concurrency's numbers stand behind their counter. */
const BUDGET_SPENT = 3;
const BUDGET_RESERVED = 4;
const BUDGET_START = 1;
const PLACES_TAKEN = 1;

/** Use of a rate that the store has not heard of. */
interface Unreported {
  /** Monotonic; begin and end of what it sums up. */
  readonly from: number;
  readonly at: number;
  amount: number;
}

/** The account of one limit. Times are monotonic milliseconds unless said otherwise. */
export interface LeaseAccount {
  limit: RegisteredLimit;
  /** Of a rate: without what was noted as used. */
  granted: number;
  /** At most a window's use, in sixty pieces. */
  unreported: Unreported[];
  /** In the report that is under way. */
  told: readonly Unreported[];
  /** Not yet told; of a rate. */
  givenBack: number;
  /** What calls waited for when it was looked at last. */
  needed: number;
  usedPerSecond: number;
  lastUsedAt: number;
  lastLookAt: number;
  /** Of a budget at the last look. */
  spent: number;
  /** What the store knows: of a budget spent, and what is held. */
  reportedSpent: number;
  reportedHeld: number;
  lastReportAt: number;
  contendedUntil: number;
  /** What was lent to calls that wait is left to them until then. */
  promisedUntil: number;
  /** Since when the store could not lend what calls wait for. */
  shortSince: number | undefined;
  isRecalled: boolean;
  /** Wall time at which the period of a budget began. */
  periodStart: number;
  /** Of a budget in this period, before this process counted. */
  spentBefore: number;
  isAway: boolean;
  /** What was at hand when there was nothing to do last; undefined: there is. */
  restingAt: number | undefined;
}

/** Where an account's numbers are, and who looks. */
export interface AccountMemory {
  readonly memory: LimitMemory;
  /** The main thread's index for the lock. */
  readonly holder: number;
}

/** Opens the account of a limit that was at hand without bound; from now on only what is leased is. */
export function openLeaseAccount({ memory, holder }: AccountMemory, limit: RegisteredLimit, now: number): LeaseAccount {
  const { cells } = memory;
  const lease = leaseAt(limit.counter.index);
  takeLock(memory, holder);
  cells[lease + AT_HAND] = 0;
  cells[lease + GIVEN_BACK] = 0;
  const reserved = reservedOf(memory, limit);
  const spentBefore = spentOf(memory, limit);
  openLock(memory);
  return {
    limit,
    granted: reserved,
    unreported: [],
    told: [],
    givenBack: 0,
    needed: 0,
    usedPerSecond: 0,
    lastUsedAt: Number.NEGATIVE_INFINITY,
    lastLookAt: now,
    spent: 0,
    reportedSpent: 0,
    reportedHeld: 0,
    lastReportAt: now,
    contendedUntil: Number.NEGATIVE_INFINITY,
    promisedUntil: Number.NEGATIVE_INFINITY,
    shortSince: undefined,
    isRecalled: false,
    periodStart: periodStartOf(memory, limit),
    spentBefore,
    isAway: false,
    restingAt: undefined,
  };
}

/** Ends it: everything that the limit allows is at hand again. */
export function closeLeaseAccount({ memory, holder }: AccountMemory, { limit }: LeaseAccount): void {
  const { counter } = limit;
  if (memory.cells[counterAt(counter.index)] !== counter.generation) return;
  const lease = leaseAt(counter.index);
  takeLock(memory, holder);
  memory.cells.fill(0, lease, lease + DRY_UNTIL + 1);
  memory.cells[lease + AT_HAND] = Number.POSITIVE_INFINITY;
  memory.cells[counterAt(counter.index) + 1] = limit.limit;
  openLock(memory);
}

/** Whether nothing has happened since there was nothing to do. */
export function isQuiet({ memory }: AccountMemory, account: LeaseAccount): boolean {
  const { cells } = memory;
  const { limit } = account;
  const lease = leaseAt(limit.counter.index);
  return (
    cells[lease + AT_HAND] === account.restingAt &&
    cells[lease + NEEDED] === 0 &&
    cells[lease + GIVEN_BACK] === 0 &&
    reservedOf(memory, limit) === 0 &&
    periodStartOf(memory, limit) === account.periodStart
  );
}

/** After a look: whether there is nothing to do until something happens. */
export function rest(from: AccountMemory, account: LeaseAccount): void {
  const { atHand, reserved } = holdingsOf(from, account);
  const { unreported, needed, givenBack, usedPerSecond, spent, reportedSpent, reportedHeld, isAway } = account;
  const isDone =
    unreported.length + needed + givenBack + usedPerSecond + reserved === 0 &&
    spent === reportedSpent &&
    (isAway || reportedHeld === atHand);
  account.restingAt = isDone ? atHand : undefined;
}

/** Notes what was used since the last look. */
export function lookAt({ memory, holder }: AccountMemory, account: LeaseAccount, now: number): void {
  const { cells } = memory;
  const { limit } = account;
  const lease = leaseAt(limit.counter.index);
  takeLock(memory, holder);
  account.needed += take(cells, lease + NEEDED);
  cells[lease + WAS_RUNG] = 0;
  const atHand = cells[lease + AT_HAND] as number;
  const reserved = reservedOf(memory, limit);
  const periodStart = periodStartOf(memory, limit);
  let back = take(cells, lease + GIVEN_BACK);
  const used = account.granted - atHand - reserved;
  if (limit.counter.kind === "rate") {
    note(account, used, now);
    account.granted -= used;
    // What the store has not heard of as used can be used by another call.
    const again = unnote(account, back);
    cells[lease + AT_HAND] = atHand + again;
    account.granted += again;
    back -= again;
    account.givenBack += back;
  }
  openLock(memory);
  learnUse(account, { used, reserved, now });
  if (limit.counter.kind === "concurrency") account.granted = atHand + reserved;
  if (limit.counter.kind !== "budget") return;
  account.spent = used;
  if (periodStart !== account.periodStart) turnPeriod({ memory, holder }, account, periodStart);
}

/** What is at hand and what is reserved now. */
export function holdingsOf(
  { memory }: AccountMemory,
  { limit }: LeaseAccount,
): { readonly atHand: number; readonly reserved: number } {
  const atHand = memory.cells[leaseAt(limit.counter.index) + AT_HAND] as number;
  return { atHand, reserved: reservedOf(memory, limit) };
}

/** Puts more at hand, or takes it away as far as it is there; the change. */
export function adjust({ memory, holder }: AccountMemory, account: LeaseAccount, change: number): number {
  const at = leaseAt(account.limit.counter.index) + AT_HAND;
  const { cells } = memory;
  takeLock(memory, holder);
  const atHand = cells[at] as number;
  const applied = change >= 0 ? change : -Math.min(-change, Math.max(0, atHand));
  cells[at] = atHand + applied;
  openLock(memory);
  account.granted += applied;
  return applied;
}

/** What the store is told; it stays in the account until the store has answered. */
export function describeLease(
  from: AccountMemory,
  account: LeaseAccount,
  asks: {
    readonly wanted: number;
    readonly now: number;
    readonly origin: string;
    readonly knownSpent: number;
    readonly isEnd: boolean;
  },
): CounterLease {
  const { limit } = account;
  const { atHand, reserved } = holdingsOf(from, account);
  // What is at hand while the store is away was not lent by it.
  const held = asks.isEnd ? 0 : (account.isAway ? 0 : Math.max(0, atHand)) + reserved;
  const any = { limit: limit.limit, held, wanted: asks.wanted };
  switch (limit.counter.kind) {
    case "rate":
      account.told = account.unreported;
      account.unreported = [];
      return {
        ...any,
        kind: "rate",
        stepMs: limit.windowMs / PIECES,
        used: account.told.map(({ at, amount }): AgedUse => ({ ageMs: ageOf(at, asks.now), amount })),
        givenBack: account.givenBack,
      };
    case "concurrency":
      return { ...any, kind: "concurrency" };
    case "budget":
      return {
        ...any,
        kind: "budget",
        // What a call in flight has reserved when the gateway ends is spent, for all that is known.
        spent: Math.max(0, account.spent + (asks.isEnd ? reserved : 0)),
        spentBefore: account.spentBefore,
        origin: asks.origin,
        knownSpent: asks.knownSpent,
      };
    default:
      return limit.counter.kind satisfies never;
  }
}

/** The store has written down what it was told. */
export function onReported(account: LeaseAccount, lease: CounterLease, granted: number, now: number): void {
  if (lease.kind === "rate") {
    account.told = [];
    account.givenBack -= lease.givenBack;
  } else if (lease.kind === "budget") account.reportedSpent = lease.spent;
  account.reportedHeld = lease.held + granted;
  account.lastReportAt = now;
}

/** Nobody knows whether the store has written it down: uses are told once more, what was given back is not. */
export function onUnanswered(account: LeaseAccount): void {
  account.unreported = [...account.told, ...account.unreported];
  account.told = [];
  account.givenBack = 0;
}

/** Sets below how much the main thread is rung. */
export function setLowWater({ memory }: AccountMemory, { limit }: LeaseAccount, amount: number): void {
  memory.cells[leaseAt(limit.counter.index) + LOW_WATER] = amount;
}

function turnPeriod(from: AccountMemory, account: LeaseAccount, periodStart: number): void {
  account.periodStart = periodStart;
  account.spentBefore = 0;
  if (!account.isAway) adjust(from, account, Number.NEGATIVE_INFINITY);
  const { atHand, reserved } = holdingsOf(from, account);
  account.granted = atHand + reserved;
  account.spent = 0;
  account.reportedSpent = 0;
  account.reportedHeld = 0;
}

function learnUse(
  account: LeaseAccount,
  { used, reserved, now }: { readonly used: number; readonly reserved: number; readonly now: number },
): void {
  const { kind } = account.limit.counter;
  const passedMs = Math.max(1, now - account.lastLookAt);
  const part = Math.min(1, passedMs / 1_000);
  account.lastLookAt = now;
  const fresh = kind === "budget" ? Math.max(0, used - account.spent) : kind === "rate" ? Math.max(0, used) : reserved;
  if (fresh > 0) account.lastUsedAt = now;
  if (kind === "concurrency") account.usedPerSecond = Math.max(reserved, account.usedPerSecond * (1 - part));
  else account.usedPerSecond += part * ((fresh * 1_000) / passedMs - account.usedPerSecond);
  if (account.usedPerSecond < 0.01) account.usedPerSecond = 0;
}

/** Adds a use; what belongs to the same piece of the window is one entry, whose time is that of the newest. */
function note(account: LeaseAccount, amount: number, now: number): void {
  if (amount <= 0) return;
  const { unreported, limit } = account;
  const last = unreported.at(-1);
  if (last && now - last.from < limit.windowMs / PIECES) {
    unreported[unreported.length - 1] = { from: last.from, at: now, amount: last.amount + amount };
  } else unreported.push({ from: now, at: now, amount });
  const oldest = now - limit.windowMs - (2 * limit.windowMs) / PIECES;
  while (unreported[0] && unreported[0].at < oldest) unreported.shift();
}

function unnote({ unreported }: LeaseAccount, amount: number): number {
  let left = amount;
  while (left > 0) {
    const last = unreported.at(-1);
    if (!last) break;
    const part = Math.min(left, last.amount);
    last.amount -= part;
    left -= part;
    if (last.amount <= 0) unreported.pop();
  }
  return amount - left;
}

/** A little less than by this machine's clock: the store's may run slower. */
function ageOf(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) * 0.98));
}

function take(cells: Float64Array, at: number): number {
  const amount = cells[at] as number;
  cells[at] = 0;
  return amount;
}

function reservedOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  const at = counterAt(index) + 1;
  if (kind === "rate") return 0;
  return cells[at + (kind === "budget" ? BUDGET_RESERVED : PLACES_TAKEN)] as number;
}

/** Spent in the current period; 0 unless it is a budget. */
export function spentOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  return kind === "budget" ? (cells[counterAt(index) + 1 + BUDGET_SPENT] as number) : 0;
}

function periodStartOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  return kind === "budget" ? (cells[counterAt(index) + 1 + BUDGET_START] as number) : 0;
}
