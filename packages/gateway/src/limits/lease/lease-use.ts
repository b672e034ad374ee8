// What was used of a lease since it was looked at last: noted with its time where a window needs it, and learned as a pace.
import { leaseAt } from "../limit-layout.ts";
import { openLock, takeLock } from "../limit-lock.ts";
import { adjust, holdingsOf, type AccountMemory, type LeaseAccount } from "./lease-account.ts";
import { AT_HAND, GIVEN_BACK, NEEDED, REFILLS, WAS_RUNG } from "./lease-cells.ts";
import { periodStartOf, reservedOf } from "./limit-numbers.ts";

/** Uses of a rate that wait to be reported are joined to so many pieces of its window. */
export const PIECES = 60;

/** What was taken between two looks that follow each other at once says nothing of a second. */
const SHORTEST_LOOK_MS = 10;
/** A pace is forgotten to a third in so long. */
const PACE_MS = 5_000;

/** Notes what was used since the last look. */
export function lookAt({ memory, holder }: AccountMemory, account: LeaseAccount, now: number): void {
  const { cells } = memory;
  const { limit } = account;
  const lease = leaseAt(limit.counter.index);
  takeLock(memory, holder);
  const asked = take(cells, lease + NEEDED);
  if (asked > 0) cells[lease + REFILLS] = (cells[lease + REFILLS] as number) + 1;
  account.needed += asked;
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
  const atHandNow = cells[lease + AT_HAND] as number;
  openLock(memory);
  learnPace(account, atHandNow, now);
  learnUse(account, { used, reserved, now });
  if (limit.counter.kind === "concurrency") account.granted = atHand + reserved;
  if (limit.counter.kind !== "budget") return;
  account.spent = used;
  if (periodStart !== account.periodStart) turnPeriod({ memory, holder }, account, periodStart);
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

/** The fastest of the last moments: a burst is over before a mean has seen it. */
function learnPace(account: LeaseAccount, atHand: number, now: number): void {
  const passedMs = Math.max(0, now - account.lastLookAt);
  const taken = Math.max(0, account.atHandBefore - atHand);
  const kept = account.takenPerSecond * Math.exp(-passedMs / PACE_MS);
  account.takenPerSecond = Math.max((taken * 1_000) / Math.max(SHORTEST_LOOK_MS, passedMs), kept);
  if (account.takenPerSecond < 0.01) account.takenPerSecond = 0;
  account.atHandBefore = atHand;
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

function take(cells: Float64Array, at: number): number {
  const amount = cells[at] as number;
  cells[at] = 0;
  return amount;
}
