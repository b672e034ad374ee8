// What the store is told of a lease, and what its answer, or its silence, means for the account.
import type { AgedUse, CounterLease } from "@flyball/traffic";
import { holdingsOf, type AccountMemory, type LeaseAccount } from "./lease-account.ts";
import { PIECES } from "./lease-use.ts";

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
  account.isUnderWay = false;
  if (lease.kind === "rate") {
    account.told = [];
    account.givenBack -= lease.givenBack;
  } else if (lease.kind === "budget") account.reportedSpent = lease.spent;
  account.reportedHeld = lease.held + granted;
  account.lastReportAt = now;
}

/** Nobody knows whether the store has written it down: uses are told once more, what was given back is not. */
export function onUnanswered(account: LeaseAccount): void {
  account.isUnderWay = false;
  account.unreported = [...account.told, ...account.unreported];
  account.told = [];
  account.givenBack = 0;
}

/** A little less than by this machine's clock: the store's may run slower. */
function ageOf(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) * 0.98));
}
