// What becomes of the lease of one limit while the store is away, and when it is back. Nothing of it is on the way of a request: the limit
// and what is at hand change, and workers go on as before.
import { localShare } from "@flyball/traffic";
import { counterAt, leaseAt } from "../limit-layout.ts";
import { adjust, holdingsOf, type AccountMemory, type LeaseAccount } from "./lease-account.ts";
import { endAllRefills, DRY_UNTIL, RETRY_AT } from "./lease-cells.ts";
import { openLock, takeLock } from "../limit-lock.ts";
import { PIECES } from "./lease-use.ts";
import { spentOf } from "./limit-numbers.ts";

/** At hand of a limit that is not leased now and of which this gateway has its own share: more than anybody uses. */
const PLENTY = 2 ** 50;

/** The store is away: from now on the share of this gateway is at hand, or nothing. */
export function goAway(from: AccountMemory, account: LeaseAccount, gateways: number): void {
  const { memory } = from;
  const { limit } = account;
  const { cells } = memory;
  account.isAway = true;
  account.restingAt = undefined;
  account.reportedHeld = 0;
  account.givenBack = 0;
  account.shortSince = undefined;
  tryAgain(from, account);
  if (limit.onStoreLoss === "refuse") {
    adjust(from, account, Number.NEGATIVE_INFINITY);
    return;
  }
  cells[counterAt(limit.counter.index) + 1] = localShare(limit.limit, gateways);
  cells[leaseAt(limit.counter.index) + DRY_UNTIL] = 0;
  adjust(from, account, PLENTY);
}

function tryAgain({ memory, holder }: AccountMemory, { limit }: LeaseAccount): void {
  takeLock(memory, holder);
  endAllRefills(memory.cells, leaseAt(limit.counter.index));
  openLock(memory);
}

/** Nobody is to wait for the store until then, and clients are told when to try again. Wall milliseconds. */
export function keepDry({ memory }: AccountMemory, { limit }: LeaseAccount, until: number, retryAt = until): void {
  const lease = leaseAt(limit.counter.index);
  memory.cells[lease + DRY_UNTIL] = until;
  memory.cells[lease + RETRY_AT] = retryAt;
}

/** The store is back: nothing is at hand until it lends. */
export function comeBack(from: AccountMemory, account: LeaseAccount): void {
  const { cells } = from.memory;
  const { limit } = account;
  account.isAway = false;
  tryAgain(from, account);
  account.restingAt = undefined;
  cells[counterAt(limit.counter.index) + 1] = limit.limit;
  keepDry(from, account, 0);
  adjust(from, account, Number.NEGATIVE_INFINITY);
}

/** The store has a new memory: everything that still counts is told again. */
export function tellAgain(
  from: AccountMemory,
  account: LeaseAccount,
  steps: readonly (readonly [stepStart: number, amount: number])[],
  times: { readonly now: number; readonly wall: number },
): void {
  const { memory } = from;
  const { limit } = account;
  const { atHand, reserved } = holdingsOf(from, account);
  account.granted = atHand + reserved;
  // What is under way was told to the old memory, and is among what is told again.
  account.told = [];
  if (limit.counter.kind === "budget") {
    account.spentBefore = spentOf(memory, limit);
    account.spent = 0;
    account.reportedSpent = 0;
  } else if (limit.counter.kind === "rate") {
    const stepMs = limit.windowMs / PIECES;
    account.unreported = steps.map(([start, amount]) => {
      const at = times.now - Math.max(0, times.wall - start - stepMs);
      return { from: at, at, amount };
    });
  }
}

/** What the store knows of this process counts as another one's. */
export function startAnew(account: LeaseAccount): void {
  account.granted -= account.reportedSpent;
  account.spent -= account.reportedSpent;
  account.reportedSpent = 0;
  account.reportedHeld = 0;
}
