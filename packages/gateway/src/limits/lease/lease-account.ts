// What the main thread knows of the lease of one limit: how much it was granted, how much of that was used since (`lease-use.ts`), and what
// it said of it to the store (`describe-lease.ts`). All of it follows from the numbers in shared memory, so that nothing on the way of a
// request has to tell it anything: used = granted − at hand − reserved for calls in flight.
import { counterAt, leaseAt, type LimitMemory } from "../limit-layout.ts";
import { openLock, takeLock } from "../limit-lock.ts";
import type { RegisteredLimit } from "../limit-registry.ts";
import { AT_HAND, endAllRefills, GIVEN_BACK, LOW_WATER, NEEDED, resetLease } from "./lease-cells.ts";
import { periodStartOf, reservedOf, spentOf } from "./limit-numbers.ts";

/** Use of a rate that the store has not heard of. */
export interface Unreported {
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
  /** The store is asked: until it has answered nothing else is said of this limit. */
  isUnderWay: boolean;
  /** Not yet told; of a rate. */
  givenBack: number;
  /** What calls waited for when it was looked at last. */
  needed: number;
  usedPerSecond: number;
  /** Taken from what was at hand, at the fastest of the last moments. */
  takenPerSecond: number;
  /** At hand when it was looked at or changed last. */
  atHandBefore: number;
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
  endAllRefills(cells, lease);
  const reserved = reservedOf(memory, limit);
  const spentBefore = spentOf(memory, limit);
  openLock(memory);
  return {
    limit,
    granted: reserved,
    unreported: [],
    told: [],
    isUnderWay: false,
    givenBack: 0,
    needed: 0,
    usedPerSecond: 0,
    takenPerSecond: 0,
    atHandBefore: 0,
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
  resetLease(memory.cells, lease, Number.POSITIVE_INFINITY);
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
  const { unreported, needed, givenBack, usedPerSecond, takenPerSecond, spent, reportedSpent } = account;
  const { reportedHeld, isAway } = account;
  const isDone =
    unreported.length + needed + givenBack + usedPerSecond + takenPerSecond + reserved === 0 &&
    spent === reportedSpent &&
    (isAway || reportedHeld === atHand);
  account.restingAt = isDone ? atHand : undefined;
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
  account.atHandBefore += applied;
  return applied;
}

/** Sets below how much the main thread is rung. */
export function setLowWater({ memory }: AccountMemory, { limit }: LeaseAccount, amount: number): void {
  memory.cells[leaseAt(limit.counter.index) + LOW_WATER] = amount;
}
